// A number on a scale. The place the handle stands at first is no answer: the candidate moves it, or confirms it.
// The wheel of a mouse scrolls the page and changes nothing.
import { listening, make } from "../dom.js";

const MOST_LABELS = 11;

export function mountSlider(element, context) {
  const { words, readOnly } = context;
  const field = element.querySelector("input");
  const { on, stop } = listening();
  const first = field.value;
  const shown = make("output", { class: "qti-slider-value" });
  const keep = make("button", { type: "button", class: "qti-keep" });
  const clear = make("button", { type: "button", class: "qti-clear" }, words.clear);
  if (!field.hasAttribute("aria-labelledby")) field.setAttribute("aria-label", words.scale(context.number));
  field.disabled = readOnly;
  if (element.dataset.stepLabels === "true") element.querySelector(".qti-slider-line").after(drawLabels(field));
  element.append(make("div", { class: "qti-slider-foot" }, shown, ...(readOnly ? [] : [keep, clear])));

  let answered = false;
  const paint = () => {
    element.classList.toggle("qti-answered", answered);
    shown.textContent = answered ? words.sliderValue(field.value) : words.sliderOpen;
    field.setAttribute("aria-valuetext", answered ? field.value : words.sliderUnset(field.value));
    keep.textContent = words.sliderKeep(field.value);
    keep.hidden = answered;
    clear.hidden = !answered;
  };
  const move = () => {
    answered = true;
    paint();
  };
  on(field, "input", move);
  on(field, "change", () => {
    move();
    context.answer(field.value);
  });
  on(field, "wheel", () => field.blur());
  on(keep, "click", () => {
    move();
    field.focus();
    context.answer(field.value);
  });
  on(clear, "click", () => {
    answered = false;
    field.value = first;
    paint();
    field.focus();
    context.answer(null);
  });
  return {
    show(value) {
      answered = value !== null && value !== undefined && value !== "";
      field.value = answered ? value : first;
      paint();
    },
    destroy: stop,
  };
}

// Numbers along the scale: every step where there is room, else evenly fewer.
function drawLabels({ min, max, step }) {
  const [low, high, by] = [min, max, step].map(Number);
  const count = Math.round((high - low) / by);
  const skip = Math.max(1, Math.ceil(count / (MOST_LABELS - 1)));
  const digits = (step.split(".")[1] ?? "").length;
  const labels = [];
  for (let place = 0; place <= count; place += skip) {
    const label = make("span", {}, (low + place * by).toFixed(digits));
    label.style.setProperty("--place", String((place * by) / (high - low)));
    labels.push(label);
  }
  return make("div", { class: "qti-slider-labels", "aria-hidden": "true" }, ...labels);
}
