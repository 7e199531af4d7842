// One or several options: radio buttons or checkboxes.
import { asAnswer, asList, listening, make } from "../dom.js";
import { nameOf } from "../spoken.js";

export function mountChoice(element, context) {
  const { words } = context;
  const inputs = [...element.querySelectorAll("input")];
  const single = inputs[0]?.type === "radio";
  const most = Number(element.dataset.max) || inputs.length;
  const least = Number(element.dataset.min) || 0;
  const { on, stop } = listening();
  const clear = make("button", { type: "button", class: "qti-clear" }, words.clear);
  const hint = single ? null : describeLimits(element, { least, most, all: inputs.length }, context);
  if (single && !context.readOnly) element.append(clear);

  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const paint = () => {
    const count = chosen().length;
    clear.hidden = count === 0;
    hint?.classList.toggle("qti-warning", count > 0 && count < least);
    for (const input of inputs) input.closest("label").classList.toggle("qti-chosen", input.checked);
  };
  const send = () => {
    paint();
    context.answer(single ? chosen()[0] ?? null : asAnswer(chosen()));
  };
  for (const input of inputs) {
    const label = input.closest("label");
    // Browsers give a formula no name of its own, so a button named by one would have none.
    if (label.querySelector("math")) input.setAttribute("aria-label", nameOf(label));
    input.disabled = context.readOnly;
    on(input, "change", () => {
      if (!single && chosen().length > most) {
        input.checked = false;
        context.say(words.atMost(most));
        paint();
      } else {
        send();
      }
    });
  }
  on(clear, "click", () => {
    inputs.forEach((input) => { input.checked = false; });
    inputs[0].focus();
    send();
  });
  return {
    show(value) {
      const shown = asList(value);
      inputs.forEach((input) => { input.checked = shown.includes(input.value); });
      paint();
    },
    destroy: stop,
  };
}

// How many may or must be chosen is said before anything is refused.
function describeLimits(element, { least, most, all }, context) {
  const { words, interaction, readOnly } = context;
  if (readOnly || (least === 0 && most >= all)) return null;
  const hint = make("p", { class: "qti-hint", id: `${context.item}-${interaction.id}-limits` }, words.choose(least, Math.min(most, all), all));
  element.setAttribute("aria-describedby", hint.id);
  const prompt = element.querySelector(":scope > .qti-prompt");
  if (prompt) prompt.after(hint);
  else element.prepend(hint);
  return hint;
}
