// A gap with a short list; where options hold pictures or formulas, buttons in the line.
import { listening } from "../dom.js";
import { mountChoice } from "./choice.js";

export function mountInlineChoice(element, context) {
  element.setAttribute("aria-label", context.words.gap(context.number));
  return element.tagName === "SELECT" ? mountSelect(element, context) : mountChoice(element, context);
}

function mountSelect(select, context) {
  const { on, stop } = listening();
  select.disabled = context.readOnly;
  const paint = () => select.classList.toggle("qti-answered", select.value !== "");
  on(select, "change", () => {
    paint();
    context.answer(select.value || null);
  });
  // Scrolling the page over a focused list must not change an answer.
  on(select, "wheel", () => select.blur());
  return {
    show(value) {
      select.value = value ?? "";
      paint();
    },
    destroy: stop,
  };
}
