// A gap with a short list.
import { listening } from "../dom.js";

export function mountInlineChoice(select, context) {
  const { on, stop } = listening();
  select.disabled = context.readOnly;
  select.setAttribute("aria-label", context.words.gap(context.number));
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
