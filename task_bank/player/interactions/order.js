// Lines to put in order: dragged, or moved by buttons. Nothing is answered until a line was moved or the order
// confirmed, because the order shown first may happen to be the right one. Where only some lines are to be ordered
// (data-subset), they are taken into the answer first, and the answer is what was taken.
import Sortable from "sortablejs";
import { DRAGGING, asAnswer, asList, listening, make } from "../dom.js";
import { nameOf } from "../spoken.js";

export function mountOrder(element, context) {
  const view = "subset" in element.dataset ? new SomeLines(element, context) : new AllLines(element, context);
  if (!context.readOnly) view.listen();
  return { show: (value) => view.show(asList(value)), destroy: () => view.destroy() };
}

class Lines {
  constructor(element, context) {
    this.element = element;
    this.context = context;
    this.listening = listening();
    this.first = [...element.querySelectorAll(".qti-order-list > li")];
    this.sortables = [];
    this.dragging = { ...DRAGGING, filter: "button", preventOnFilter: false, onUpdate: () => this.send() };
  }

  find(choice) { return this.first.find((line) => line.dataset.choice === choice); }

  addMoves(line) {
    const { words } = this.context;
    const name = nameOf(line.querySelector(".qti-order-text"));
    const sideways = this.element.classList.contains("qti-orientation-horizontal");
    const [back, forth] = sideways ? ["←", "→"] : ["↑", "↓"];
    const up = make("button", { type: "button", class: "qti-move", "aria-label": words.up(name) }, back);
    const down = make("button", { type: "button", class: "qti-move", "aria-label": words.down(name) }, forth);
    line.append(make("span", { class: "qti-moves" }, up, down));
    this.listening.on(up, "click", () => this.move(line, -1, up));
    this.listening.on(down, "click", () => this.move(line, 1, down));
  }

  move(line, step, button) {
    const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(line);
    else other.after(line);
    this.send();
    (button.disabled ? line.querySelector("button:not(:disabled)") : button).focus();
    const lines = [...line.parentElement.children];
    const name = nameOf(line.querySelector(".qti-order-text"));
    this.context.say(this.context.words.place(name, lines.indexOf(line) + 1, lines.length));
  }

  // The first line cannot go further up, the last not further down.
  paintMoves(lines) {
    lines.forEach((line, place) => {
      const [up, down] = line.querySelectorAll(".qti-move");
      if (up) up.disabled = place === 0;
      if (down) down.disabled = place === lines.length - 1;
    });
  }

  destroy() {
    this.sortables.forEach((one) => one.destroy());
    this.listening.stop();
  }
}

class AllLines extends Lines {
  constructor(element, context) {
    super(element, context);
    this.list = element.querySelector(".qti-order-list");
    this.note = make("p", { class: "qti-order-note" });
    this.keep = make("button", { type: "button", class: "qti-keep-order" }, context.words.keepOrder);
    element.append(make("div", { class: "qti-order-foot" }, this.note, ...(context.readOnly ? [] : [this.keep])));
  }

  listen() {
    this.first.forEach((line) => this.addMoves(line));
    this.listening.on(this.keep, "click", () => this.send());
    this.sortables.push(Sortable.create(this.list, this.dragging));
  }

  send() {
    this.paint(true);
    this.context.answer([...this.list.children].map((line) => line.dataset.choice));
  }

  show(answer) {
    const shown = answer.map((choice) => this.find(choice)).filter(Boolean);
    const isWhole = shown.length === this.first.length;
    this.list.append(...(isWhole ? shown : this.first));
    this.paint(isWhole);
  }

  paint(isAnswered) {
    const { words } = this.context;
    this.element.classList.toggle("qti-answered", isAnswered);
    this.note.textContent = isAnswered ? words.orderKept : words.orderOpen;
    this.keep.hidden = isAnswered;
    this.paintMoves([...this.list.children]);
  }
}

class SomeLines extends Lines {
  constructor(element, context) {
    super(element, context);
    const { words } = context;
    this.least = Number(element.dataset.min);
    this.most = Number(element.dataset.max) || this.first.length;
    this.rest = element.querySelector(".qti-order-list");
    this.taken = make("ol", { class: "qti-order-list qti-order-taken", "aria-label": words.orderTaken });
    this.hint = make("p", { class: "qti-hint" }, words.orderSome(this.least, this.most));
    this.rest.classList.add("qti-order-rest");
    this.rest.setAttribute("aria-label", words.orderRest);
    this.rest.before(this.hint, this.taken);
  }

  listen() {
    for (const line of this.first) {
      this.addMoves(line);
      const take = make("button", { type: "button", class: "qti-take-line" });
      line.querySelector(".qti-moves").prepend(take);
      this.listening.on(take, "click", () => this.toggle(line, take));
    }
    const name = `order-${this.context.interaction.id}`;
    const onAdd = () => this.send();
    this.sortables.push(
      Sortable.create(this.taken, { ...this.dragging, onAdd, group: { name, put: () => this.hasRoom() } }),
      Sortable.create(this.rest, { ...this.dragging, onAdd, group: name, sort: false, onUpdate: undefined }),
    );
  }

  hasRoom() { return this.taken.children.length < this.most; }

  toggle(line, button) {
    if (line.parentElement === this.taken) {
      this.rest.append(line);
      this.rest.append(...this.first.filter((one) => one.parentElement === this.rest));
    } else if (this.hasRoom()) this.taken.append(line);
    else {
      this.context.say(this.context.words.atMost(this.most));
      return;
    }
    this.send();
    button.focus();
  }

  send() {
    this.paint();
    this.context.answer(asAnswer([...this.taken.children].map((line) => line.dataset.choice)));
  }

  show(answer) {
    const shown = answer.map((choice) => this.find(choice)).filter(Boolean);
    this.taken.replaceChildren(...shown);
    this.rest.append(...this.first.filter((line) => !shown.includes(line)));
    this.paint();
  }

  paint() {
    const count = this.taken.children.length;
    this.element.classList.toggle("qti-answered", count > 0);
    this.taken.classList.toggle("qti-empty", count === 0);
    this.hint.classList.toggle("qti-warning", count > 0 && count < this.least);
    if (this.context.readOnly) return;
    this.first.forEach((line) => this.paintLine(line));
    this.paintMoves([...this.taken.children]);
  }

  paintLine(line) {
    const { words } = this.context;
    const inside = line.parentElement === this.taken;
    const take = line.querySelector(".qti-take-line");
    take.textContent = inside ? words.orderDrop : words.orderTake;
    take.setAttribute("aria-label", `${take.textContent}: ${nameOf(line.querySelector(".qti-order-text"))}`);
    for (const button of line.querySelectorAll(".qti-move")) button.hidden = !inside;
  }
}
