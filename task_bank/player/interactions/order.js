// Lines to put in order: dragged, or moved by buttons. Nothing is answered until a line was moved or the order
// confirmed, because the order shown first may happen to be the right one. Where only some lines are to be ordered
// (data-subset), they are taken into the answer first, and the answer is what was taken.
import Sortable from "sortablejs";
import { DRAGGING, asAnswer, asList, listening, make } from "../dom.js";
import { nameOf } from "../spoken.js";

export function mountOrder(element, context) {
  return "subset" in element.dataset ? mountSubset(element, context) : mountWhole(element, context);
}

function mountWhole(element, context) {
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
    paintMoves(lines());
  };
  const send = () => {
    paint(true);
    context.answer(lines().map((line) => line.dataset.choice));
  };
  for (const line of readOnly ? [] : first) addMoves(element, line, context, on, send);
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

function mountSubset(element, context) {
  const { words, readOnly } = context;
  const [least, most] = [Number(element.dataset.min), Number(element.dataset.max)];
  const rest = element.querySelector(".qti-order-list");
  const first = [...rest.children];
  const { on, stop } = listening();
  const taken = make("ol", { class: "qti-order-list qti-order-taken", "aria-label": words.orderTaken });
  const hint = make("p", { class: "qti-hint" }, words.orderSome(least, most));
  rest.classList.add("qti-order-rest");
  rest.setAttribute("aria-label", words.orderRest);
  rest.before(hint, taken);

  const lines = () => [...taken.children];
  const paint = () => {
    element.classList.toggle("qti-answered", lines().length > 0);
    taken.classList.toggle("qti-empty", lines().length === 0);
    hint.classList.toggle("qti-warning", lines().length > 0 && lines().length < least);
    for (const line of readOnly ? [] : first) {
      const inside = line.parentElement === taken;
      const [take, up, down] = line.querySelectorAll("button");
      take.textContent = inside ? words.orderDrop : words.orderTake;
      take.setAttribute("aria-label", `${take.textContent}: ${nameOf(line.querySelector(".qti-order-text"))}`);
      up.hidden = !inside;
      down.hidden = !inside;
    }
    paintMoves(lines(), 1);
  };
  const send = () => {
    paint();
    context.answer(asAnswer(lines().map((line) => line.dataset.choice)));
  };
  const toggle = (line, button) => {
    if (line.parentElement === taken) {
      rest.append(line);
      rest.append(...first.filter((one) => one.parentElement === rest));
    } else if (most && lines().length >= most) {
      context.say(words.atMost(most));
      return;
    } else taken.append(line);
    send();
    button.focus();
  };
  for (const line of readOnly ? [] : first) {
    addMoves(element, line, context, on, send);
    const take = make("button", { type: "button", class: "qti-take-line" });
    line.querySelector(".qti-moves").prepend(take);
    on(take, "click", () => toggle(line, take));
  }
  const group = `order-${context.interaction.id}`;
  const dragging = { ...DRAGGING, filter: "button", preventOnFilter: false, onUpdate: send };
  const sortables = readOnly ? [] : [
    Sortable.create(taken, { ...dragging, group: { name: group, put: () => !most || lines().length < most }, onAdd: send }),
    Sortable.create(rest, { ...dragging, sort: false, group, onAdd: send, onUpdate: undefined }),
  ];
  return {
    show(value) {
      const shown = asList(value).map((choice) => first.find((line) => line.dataset.choice === choice)).filter(Boolean);
      taken.replaceChildren(...shown);
      rest.append(...first.filter((line) => !shown.includes(line)));
      paint();
    },
    destroy() {
      sortables.forEach((one) => one.destroy());
      stop();
    },
  };
}

function addMoves(element, line, { words, say }, on, send) {
  const name = nameOf(line.querySelector(".qti-order-text"));
  const sideways = element.classList.contains("qti-orientation-horizontal");
  const [back, forth] = sideways ? ["←", "→"] : ["↑", "↓"];
  const move = (step, button) => {
    const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(line);
    else other.after(line);
    send();
    (button.disabled ? line.querySelector("button:not(:disabled)") : button).focus();
    const lines = [...line.parentElement.children];
    say(words.place(name, lines.indexOf(line) + 1, lines.length));
  };
  const up = make("button", { type: "button", class: "qti-move", "aria-label": words.up(name) }, back);
  const down = make("button", { type: "button", class: "qti-move", "aria-label": words.down(name) }, forth);
  line.append(make("span", { class: "qti-moves" }, up, down));
  on(up, "click", () => move(-1, up));
  on(down, "click", () => move(1, down));
}

// The first line cannot go further up, the last not further down; `skip` buttons stand before those two.
function paintMoves(lines, skip = 0) {
  lines.forEach((line, place) => {
    const [up, down] = [...line.querySelectorAll("button")].slice(skip);
    if (up) up.disabled = place === 0;
    if (down) down.disabled = place === lines.length - 1;
  });
}
