// Lines to put in order: dragged, or moved by buttons. Nothing is answered until a line was moved or the order
// confirmed, because the order shown first may happen to be the right one.
import Sortable from "sortablejs";
import { DRAGGING, asList, listening, make, textOf } from "../dom.js";

export function mountOrder(element, context) {
  const { words, readOnly } = context;
  const list = element.querySelector(".qti-order-list");
  const first = [...list.children];
  const { on, stop } = listening();
  const note = make("p", { class: "qti-order-note" });
  const keep = make("button", { type: "button", class: "qti-keep-order" }, words.keepOrder);
  element.append(make("div", { class: "qti-order-foot" }, note, ...(readOnly ? [] : [keep])));

  const lines = () => [...list.children];
  const paint = (answered) => {
    element.classList.toggle("qti-answered", answered);
    note.textContent = answered ? words.orderKept : words.orderOpen;
    keep.hidden = answered;
    lines().forEach((line, place) => {
      const [up, down] = line.querySelectorAll("button");
      if (up) up.disabled = place === 0;
      if (down) down.disabled = place === lines().length - 1;
    });
  };
  const send = () => {
    paint(true);
    context.answer(lines().map((line) => line.dataset.choice));
  };
  const move = (line, step, button) => {
    const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(line);
    else other.after(line);
    send();
    (button.disabled ? line.querySelector("button:not(:disabled)") : button).focus();
    context.say(words.place(nameOf(line), lines().indexOf(line) + 1, lines().length));
  };
  for (const line of readOnly ? [] : first) {
    const up = make("button", { type: "button", class: "qti-move", "aria-label": words.up(nameOf(line)) }, "↑");
    const down = make("button", { type: "button", class: "qti-move", "aria-label": words.down(nameOf(line)) }, "↓");
    line.append(make("span", { class: "qti-moves" }, up, down));
    on(up, "click", () => move(line, -1, up));
    on(down, "click", () => move(line, 1, down));
  }
  on(keep, "click", send);
  const sortable = readOnly ? null : Sortable.create(list, {
    ...DRAGGING, filter: "button", preventOnFilter: false, onUpdate: send,
  });
  return {
    show(value) {
      const places = asList(value);
      const shown = places.map((choice) => first.find((line) => line.dataset.choice === choice)).filter(Boolean);
      list.append(...(shown.length === first.length ? shown : first));
      paint(shown.length === first.length);
    },
    destroy() {
      sortable?.destroy();
      stop();
    },
  };
}

function nameOf(line) {
  return textOf(line.querySelector(".qti-order-text"));
}
