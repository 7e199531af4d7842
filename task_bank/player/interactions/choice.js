// One or several options: radio buttons or checkboxes.
import { asAnswer, asList, listening, make } from "../dom.js";

export function mountChoice(element, context) {
  const inputs = [...element.querySelectorAll("input")];
  const single = inputs[0]?.type === "radio";
  const most = Number(element.dataset.max) || inputs.length;
  const { on, stop } = listening();
  const clear = make("button", { type: "button", class: "qti-clear" }, context.words.clear);
  if (single && !context.readOnly) element.append(clear);

  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const paint = () => {
    clear.hidden = chosen().length === 0;
    for (const input of inputs) input.closest("label").classList.toggle("qti-chosen", input.checked);
  };
  const send = () => {
    paint();
    context.answer(single ? chosen()[0] ?? null : asAnswer(chosen()));
  };
  for (const input of inputs) {
    input.disabled = context.readOnly;
    on(input, "change", () => {
      if (!single && chosen().length > most) {
        input.checked = false;
        context.say(context.words.atMost(most));
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
