// A gap with a short list; where options hold pictures or formulas, buttons in the line.
import { listening, make } from "../dom.js";
import { mountChoice } from "./choice.js";

export function mountInlineChoice(element, context) {
  element.setAttribute("aria-label", context.words.gap(context.number));
  return element.tagName === "SELECT" ? mountSelect(element, context) : mountChoice(element, context);
}

function mountSelect(select, context) {
  const { on, stop } = listening();
  select.disabled = context.readOnly;
  // Paper shows the chosen words in the line, where the list stood.
  const printed = make("span", { class: "qti-printed", "aria-hidden": "true" });
  select.after(printed);
  const paint = () => {
    select.classList.toggle("qti-answered", select.value !== "");
    printed.textContent = select.value ? select.selectedOptions[0].textContent : "";
  };
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
