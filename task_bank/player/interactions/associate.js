// Things to put together two by two: choose one, then another; or drag one onto the other. The pairs stand in words
// below and are taken apart there. The order within a pair means nothing.
import { asAnswer, asList, listening, make } from "../dom.js";
import { nameOf } from "../spoken.js";
import { startDragging } from "./drag.js";

export function mountAssociate(element, context) {
  const view = new Associate(element, context);
  return { show: (value) => view.show(value), destroy: () => view.listening.stop() };
}

class Associate {
  constructor(element, context) {
    this.element = element;
    this.context = context;
    this.single = context.interaction.cardinality === "single";
    this.most = this.single ? 1 : Number(element.dataset.max);
    this.least = Number(element.dataset.min);
    this.listening = listening();
    const bank = element.querySelector(".qti-associate-choices");
    this.choices = [...bank.children].map(makeChoice);
    this.list = make("ul", { class: "qti-pairs" });
    this.count = make("p", { class: "qti-count" });
    this.pairs = [];
    this.picked = null;
    if (!context.readOnly) bank.before(make("p", { class: "qti-hint" }, context.words.choosePair));
    element.append(this.count, this.list);
    this.listen();
  }

  listen() {
    const { on } = this.listening;
    for (const choice of this.choices) {
      on(choice.button, "click", () => this.press(choice));
      if (!this.context.readOnly) this.drag(choice);
    }
    on(this.element, "keydown", (event) => {
      if (event.key === "Escape" && this.picked) this.letGo();
    });
  }

  drag(choice) {
    const { on } = this.listening;
    // A picture must not be carried away by the browser's own dragging.
    on(choice.button, "dragstart", (event) => event.preventDefault());
    startDragging(on, choice.button, {
      start: (event) => {
        if (!this.isFree(choice)) return null;
        const box = choice.button.getBoundingClientRect();
        const anchor = { x: event.clientX - box.left, y: event.clientY - box.top };
        return { ghost: choice.button.cloneNode(true), anchor };
      },
      onDrop: ({ clientX, clientY }) => {
        const under = document.elementFromPoint(clientX, clientY)?.closest("[data-choice]");
        const other = this.choices.find(({ line }) => line === under);
        if (other && other !== choice) this.join(choice, other);
      },
    });
  }

  isFree(choice) {
    return choice.most === 0 || this.pairs.filter((pair) => pair.includes(choice)).length < choice.most;
  }

  press(choice) {
    const from = this.picked;
    if (from && from !== choice) {
      this.join(from, choice);
      const next = this.choices.find(({ button }) => !button.disabled)?.button ?? this.list.querySelector("button");
      next?.focus();
      return;
    }
    this.picked = from === choice ? null : choice;
    this.paint();
    if (this.picked) this.context.say(this.context.words.pairPicked(choice.name));
  }

  letGo() {
    const { button } = this.picked;
    this.picked = null;
    this.paint();
    button.focus();
  }

  join(one, other) {
    const { words, say } = this.context;
    this.picked = null;
    const refusal = this.refuse(one, other);
    if (refusal === null) {
      this.pairs.push([one, other]);
      this.send();
    } else this.paint();
    say(refusal ?? words.pairMade(textOfPair([one, other])));
  }

  // Why two cannot be put together, in words; null when they can.
  refuse(one, other) {
    const { words } = this.context;
    if (this.pairs.some((pair) => pair.includes(one) && pair.includes(other))) return words.pairKnown;
    if (this.most && this.pairs.length >= this.most) return words.atMostPairs(this.most);
    return this.isFree(one) && this.isFree(other) ? null : words.pairTaken;
  }

  part(pair) {
    const place = this.pairs.indexOf(pair);
    this.pairs = this.pairs.filter((one) => one !== pair);
    this.send();
    const next = this.list.children[Math.min(place, this.pairs.length - 1)]?.querySelector("button");
    (next ?? pair[0].button).focus();
    this.context.say(this.context.words.pairRemoved(textOfPair(pair)));
  }

  send() {
    this.paint();
    const given = this.pairs.map(([one, other]) => `${one.choice} ${other.choice}`);
    this.context.answer(this.single ? given[0] ?? null : asAnswer(given));
  }

  show(value) {
    this.picked = null;
    this.pairs = asList(value)
      .map((pair) => pair.split(" ").map((name) => this.choices.find(({ choice }) => choice === name)))
      .filter((pair) => pair.length === 2 && pair.every(Boolean));
    this.paint();
  }

  paint() {
    const { words, readOnly } = this.context;
    for (const choice of this.choices) {
      const free = this.isFree(choice);
      choice.line.classList.toggle("qti-used", !free);
      choice.button.disabled = readOnly || (!free && choice !== this.picked);
      choice.button.setAttribute("aria-pressed", String(choice === this.picked));
    }
    this.element.classList.toggle("qti-picking", this.picked !== null);
    this.count.textContent = words.pairCount(this.pairs.length, this.least, this.most);
    this.list.replaceChildren(...this.pairs.map((pair) => this.drawPair(pair)));
  }

  drawPair(pair) {
    const { words, readOnly } = this.context;
    const [one, other] = pair.map((choice) => make("span", { class: "qti-pair-part" }, ...choice.copy()));
    const line = make("li", {}, one, make("span", { class: "qti-pair-link", "aria-hidden": "true" }, " – "), other);
    if (!readOnly) {
      const remove = make("button", { type: "button", "aria-label": words.pairRemove(textOfPair(pair)) }, words.remove);
      remove.addEventListener("click", () => this.part(pair));
      line.append(remove);
    }
    return line;
  }
}

function textOfPair([one, other]) {
  return `${one.name} – ${other.name}`;
}

function makeChoice(line) {
  const name = nameOf(line);
  const content = [...line.childNodes];
  const button = make("button", { type: "button", class: "qti-word" }, ...content);
  line.append(button);
  const copy = () => content.map((node) => node.cloneNode(true));
  return { line, button, name, copy, choice: line.dataset.choice, most: Number(line.dataset.max) };
}
