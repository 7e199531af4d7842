// A number on a scale. The place the handle stands at first is no answer: the candidate moves it, or confirms it.
// The wheel of a mouse scrolls the page and changes nothing.
import { listening, make } from "../dom.js";

const MOST_LABELS = 11;

export function mountSlider(element, context) {
  const view = new Slider(element, context);
  return { show: (value) => view.show(value), destroy: () => view.listening.stop() };
}

class Slider {
  constructor(element, context) {
    const { words, readOnly, number } = context;
    this.element = element;
    this.context = context;
    this.field = element.querySelector("input");
    this.first = this.field.value;
    this.answered = false;
    this.listening = listening();
    this.shown = make("output", { class: "qti-slider-value" });
    this.keep = make("button", { type: "button", class: "qti-keep" });
    this.clear = make("button", { type: "button", class: "qti-clear" }, words.clear);
    if (!this.field.hasAttribute("aria-labelledby")) this.field.setAttribute("aria-label", words.scale(number));
    this.field.disabled = readOnly;
    if (element.dataset.stepLabels === "true") element.querySelector(".qti-slider-line").after(drawLabels(this.field));
    const buttons = readOnly ? [] : [this.keep, this.clear];
    element.append(make("div", { class: "qti-slider-foot" }, this.shown, ...buttons));
    this.listen();
  }

  listen() {
    const { on } = this.listening;
    on(this.field, "input", () => this.put(this.field.value));
    on(this.field, "change", () => this.send(this.field.value));
    on(this.field, "wheel", () => this.field.blur());
    on(this.keep, "click", () => {
      this.field.focus();
      this.send(this.field.value);
    });
    on(this.clear, "click", () => {
      this.field.focus();
      this.send(null);
    });
  }

  send(value) {
    this.put(value);
    this.context.answer(value);
  }

  show(value) { this.put(value || null); }

  put(value) {
    const { words } = this.context;
    this.answered = value !== null;
    this.field.value = value ?? this.first;
    const shown = this.field.value;
    this.element.classList.toggle("qti-answered", this.answered);
    this.shown.textContent = this.answered ? words.sliderValue(shown) : words.sliderOpen;
    this.field.setAttribute("aria-valuetext", this.answered ? shown : words.sliderUnset(shown));
    this.keep.textContent = words.sliderKeep(shown);
    this.keep.hidden = this.answered;
    this.clear.hidden = !this.answered;
  }
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
