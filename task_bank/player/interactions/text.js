// Typed answers: a short field in the line, or a long text. Sent a moment after typing pauses, and at once
// when the field is left.
import { listening, make } from "../dom.js";

const PAUSE_MS = 500;

export function mountTextEntry(input, context) {
  if (!input.hasAttribute("aria-label")) input.setAttribute("aria-label", context.words.field(context.number));
  return mountField(input, context, (text) => text.trim());
}

export function mountExtendedText(area, context) {
  const counter = make("div", { class: "qti-word-count" });
  area.after(counter);
  if (!area.hasAttribute("aria-labelledby")) area.setAttribute("aria-label", context.words.field(context.number));
  const count = () => {
    counter.textContent = context.words.wordCount((area.value.match(/[\p{L}\p{N}]+(?:[-’'][\p{L}\p{N}]+)*/gu) ?? []).length);
  };
  return mountField(area, context, (text) => (text.trim() ? text : ""), count);
}

function mountField(field, context, clean, onShown = () => {}) {
  const { on, stop } = listening();
  let timer = null;
  let sent = "";
  field.readOnly = context.readOnly;
  const send = () => {
    clearTimeout(timer);
    timer = null;
    const text = clean(field.value.normalize("NFC"));
    if (text === sent) return;
    sent = text;
    context.answer(text || null);
  };
  on(field, "input", () => {
    onShown();
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE_MS);
  });
  on(field, "change", send);
  on(field, "blur", send);
  return {
    show(value) {
      // What is being typed right now is newer than any state that comes from outside.
      if (timer !== null) return;
      const text = value ?? "";
      if (text !== sent || field.value === "") field.value = text;
      sent = text;
      onShown();
    },
    destroy() {
      if (timer !== null) send();
      stop();
    },
  };
}
