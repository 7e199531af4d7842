// Typed answers: a short field in the line, a long text, or several texts. Sent a moment after typing pauses, and at
// once when the field is left.
import { asAnswer, asList, listening, make } from "../dom.js";

const PAUSE_MS = 500;
const WORD = /[\p{L}\p{N}]+(?:[-’'][\p{L}\p{N}]+)*/gu;

// A space too many is not a wrong answer: keys are compared letter by letter.
export function mountTextEntry(input, context) {
  if (!input.hasAttribute("aria-label")) input.setAttribute("aria-label", context.words.field(context.number));
  return mountFields([input], context, (texts) => texts[0].trim().replace(/\s+/gu, " ") || null);
}

export function mountExtendedText(element, context) {
  return "several" in element.dataset ? mountSeveral(element, context) : mountOne(element, context);
}

function mountOne(area, context) {
  const counter = make("div", { class: "qti-word-count" });
  const printed = make("div", { class: "qti-printed", "aria-hidden": "true" });
  area.after(counter, printed);
  if (!area.hasAttribute("aria-labelledby")) area.setAttribute("aria-label", context.words.field(context.number));
  // A text field prints only what fits into it, so the text stands beside it for paper.
  return mountFields([area], context, (texts) => (texts[0].trim() ? texts[0] : null), () => {
    counter.textContent = context.words.wordCount((area.value.match(WORD) ?? []).length);
    printed.textContent = area.value;
  });
}

function mountSeveral(group, context) {
  const areas = [...group.querySelectorAll("textarea")];
  const prompt = group.getAttribute("aria-labelledby");
  areas.forEach((area, place) => {
    area.setAttribute("aria-label", context.words.field(place + 1));
    if (prompt) area.setAttribute("aria-describedby", prompt);
    area.after(make("div", { class: "qti-printed", "aria-hidden": "true" }));
  });
  return mountFields(areas, context, (texts) => asAnswer(texts.filter((text) => text.trim())), () => {
    for (const area of areas) area.nextElementSibling.textContent = area.value;
  });
}

// `read` makes an answer of the texts; `onShown` is told whenever a text changed.
function mountFields(fields, context, read, onShown = () => {}) {
  const { on, stop } = listening();
  let timer = null;
  let sent = "null";
  const send = () => {
    clearTimeout(timer);
    timer = null;
    const answer = read(fields.map((field) => field.value.normalize("NFC")));
    if (JSON.stringify(answer) === sent) return;
    sent = JSON.stringify(answer);
    context.answer(answer);
  };
  for (const field of fields) {
    field.readOnly = context.readOnly;
    on(field, "input", () => {
      onShown();
      clearTimeout(timer);
      timer = setTimeout(send, PAUSE_MS);
    });
    on(field, "change", send);
    on(field, "blur", send);
  }
  return {
    show(value) {
      // What is being typed right now is newer than any state that comes from outside.
      if (timer !== null) return;
      const texts = asList(value);
      const known = JSON.stringify(value ?? null);
      if (known !== sent || fields.every((field) => field.value === "")) {
        fields.forEach((field, place) => { field.value = texts[place] ?? ""; });
      }
      sent = known;
      onShown();
    },
    destroy() {
      if (timer !== null) send();
      stop();
    },
  };
}
