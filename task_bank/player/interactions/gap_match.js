// Words or pictures into the gaps of a text: choose one, then a gap; or drag it there.
import Sortable from "sortablejs";
import { DRAGGING, asAnswer, asList, listening, make } from "../dom.js";
import { nameOf } from "../spoken.js";

const EMPTY = "\u2003\u2003";

export function mountGapMatch(element, context) {
  const view = new GapMatch(element, context);
  if (!context.readOnly) view.startDragging();
  return { show: (value) => view.show(asList(value)), destroy: () => view.destroy() };
}

class GapMatch {
  constructor(element, context) {
    this.element = element;
    this.context = context;
    this.bank = element.querySelector(".qti-gap-words");
    this.most = Number(element.dataset.max);
    this.listening = listening();
    this.options = [...this.bank.children].map(makeWord);
    this.gaps = [...element.querySelectorAll(".qti-gap")].map(makeGap);
    this.filled = new Map();
    this.picked = null;
    this.sortables = [];
    if (!context.readOnly) this.bank.before(make("p", { class: "qti-gap-hint" }, context.words.chooseWord));
    this.listen();
  }

  listen() {
    const { on } = this.listening;
    for (const option of this.options) on(option.button, "click", (event) => this.pick(option, event.detail === 0));
    for (const gap of this.gaps) {
      gap.button.disabled = this.context.readOnly;
      on(gap.button, "click", () => (this.picked ? this.put(this.picked, gap) : this.take(gap)));
    }
    on(this.element, "keydown", (event) => {
      if (event.key === "Escape" && this.picked) this.letGo();
    });
  }

  startDragging() {
    const name = `gaps-${this.context.interaction.id}`;
    this.sortables = [Sortable.create(this.bank, {
      ...DRAGGING, sort: false, group: { name, pull: "clone", put: false }, filter: ".qti-used",
    }), ...this.gaps.map((gap) => Sortable.create(gap.holder, {
      ...DRAGGING,
      sort: false,
      draggable: "li",
      group: { name, pull: false, put: true },
      onAdd: (event) => {
        // The word itself goes back to its list (Sortable left a copy there); the gap only shows it.
        event.clone.replaceWith(event.item);
        this.put(this.findOption(event.item.dataset.choice), gap);
      },
    }))];
  }

  findOption(name) { return this.options.find(({ choice }) => choice === name); }

  isFree(option) {
    return option.most === 0 || [...this.filled.values()].filter((one) => one === option).length < option.most;
  }

  pick(option, byKeyboard) {
    this.picked = this.picked === option ? null : option;
    this.paint();
    if (!this.picked) return;
    this.context.say(this.context.words.picked(option.text));
    if (byKeyboard) (this.gaps.find((gap) => !this.filled.has(gap)) ?? this.gaps[0])?.button.focus();
  }

  letGo() {
    const { button } = this.picked;
    this.picked = null;
    this.paint();
    button.focus();
  }

  put(option, gap) {
    const { words, say } = this.context;
    if (this.most && !this.filled.has(gap) && this.filled.size >= this.most) {
      say(words.atMostGaps(this.most));
      this.paint();
      return;
    }
    this.filled.delete(gap);
    if (this.isFree(option)) {
      this.filled.set(gap, option);
      this.picked = null;
      this.send();
      say(words.placed(option.text, this.gaps.indexOf(gap) + 1));
    } else this.paint();
  }

  take(gap) {
    const option = this.filled.get(gap);
    if (!option) return;
    this.filled.delete(gap);
    this.send();
    this.context.say(this.context.words.removed(option.text));
  }

  send() {
    this.paint();
    const filled = this.gaps.filter((gap) => this.filled.has(gap));
    const pairs = filled.map((gap) => `${this.filled.get(gap).choice} ${gap.choice}`);
    this.context.answer(this.context.interaction.cardinality === "single" ? pairs[0] ?? null : asAnswer(pairs));
  }

  show(pairs) {
    this.filled.clear();
    this.picked = null;
    for (const pair of pairs) {
      const [word, place] = pair.split(" ");
      const [option, gap] = [this.findOption(word), this.gaps.find(({ choice }) => choice === place)];
      if (option && gap) this.filled.set(gap, option);
    }
    this.paint();
  }

  paint() {
    for (const option of this.options) {
      const isFree = this.isFree(option);
      option.line.classList.toggle("qti-used", !isFree);
      option.button.disabled = this.context.readOnly || !isFree;
      option.button.setAttribute("aria-pressed", String(option === this.picked));
    }
    this.element.classList.toggle("qti-picking", this.picked !== null);
    this.gaps.forEach((gap, place) => this.paintGap(gap, place + 1));
  }

  paintGap(gap, number) {
    const { words } = this.context;
    const word = this.filled.get(gap);
    gap.button.replaceChildren(...(word ? word.copy() : [EMPTY]));
    gap.holder.classList.toggle("qti-filled", Boolean(word));
    gap.button.setAttribute("aria-label", word ? words.filledGap(number, word.text) : words.emptyGap(number));
  }

  destroy() {
    this.sortables.forEach((one) => one.destroy());
    this.listening.stop();
  }
}

function makeWord(line) {
  const text = nameOf(line);
  const content = [...line.childNodes];
  const button = make("button", { type: "button", class: "qti-word" }, ...content);
  line.replaceChildren(button);
  const copy = () => content.map((node) => node.cloneNode(true));
  return { line, button, text, copy, choice: line.dataset.choice, most: Number(line.dataset.max) };
}

function makeGap(holder) {
  const button = make("button", { type: "button", class: "qti-gap-button" });
  holder.replaceChildren(button);
  return { holder, button, choice: holder.dataset.gap };
}
