// Words or pictures into the gaps of a text: choose one, then a gap; or drag it there.
import Sortable from "sortablejs";
import { DRAGGING, asAnswer, asList, listening, make } from "../dom.js";
import { nameOf } from "../spoken.js";

export function mountGapMatch(element, context) {
  const { words, readOnly } = context;
  const bank = element.querySelector(".qti-gap-words");
  const { on, stop } = listening();
  const options = [...bank.children].map(makeWord);
  const gaps = [...element.querySelectorAll(".qti-gap")].map(makeGap);
  const most = Number(element.dataset.max);
  const filled = new Map();
  let picked = null;
  if (!readOnly) bank.before(make("p", { class: "qti-gap-hint" }, words.chooseWord));

  const uses = (option) => [...filled.values()].filter((one) => one === option).length;
  const free = (option) => option.most === 0 || uses(option) < option.most;
  const paint = () => {
    for (const option of options) {
      option.line.classList.toggle("qti-used", !free(option));
      option.button.disabled = readOnly || !free(option);
      option.button.setAttribute("aria-pressed", String(option === picked));
    }
    element.classList.toggle("qti-picking", picked !== null);
    gaps.forEach((gap, place) => {
      const word = filled.get(gap);
      gap.button.replaceChildren(...(word ? word.copy() : ["\u2003\u2003"]));
      gap.holder.classList.toggle("qti-filled", Boolean(word));
      const name = word ? words.filledGap(place + 1, word.text) : words.emptyGap(place + 1);
      gap.button.setAttribute("aria-label", name);
    });
  };
  const send = () => {
    paint();
    const pairs = gaps.filter((gap) => filled.has(gap)).map((gap) => `${filled.get(gap).choice} ${gap.choice}`);
    context.answer(context.interaction.cardinality === "single" ? pairs[0] ?? null : asAnswer(pairs));
  };
  const put = (option, gap) => {
    const before = filled.get(gap);
    filled.delete(gap);
    if (most && filled.size >= most) {
      if (before) filled.set(gap, before);
      context.say(words.atMostGaps(most));
      return paint();
    }
    if (!free(option)) return paint();
    filled.set(gap, option);
    picked = null;
    send();
    context.say(words.placed(option.text, gaps.indexOf(gap) + 1));
  };
  const take = (gap) => {
    const option = filled.get(gap);
    if (!option) return;
    filled.delete(gap);
    send();
    context.say(words.removed(option.text));
  };

  for (const option of options) {
    on(option.button, "click", (event) => {
      picked = picked === option ? null : option;
      paint();
      if (!picked) return;
      context.say(words.picked(option.text));
      const byKeyboard = event.detail === 0;
      if (byKeyboard) (gaps.find((gap) => !filled.has(gap)) ?? gaps[0])?.button.focus();
    });
  }
  for (const gap of gaps) {
    gap.button.disabled = readOnly;
    on(gap.button, "click", () => (picked ? put(picked, gap) : take(gap)));
  }
  on(element, "keydown", (event) => {
    if (event.key === "Escape" && picked) {
      const { button } = picked;
      picked = null;
      paint();
      button.focus();
    }
  });
  const sortables = readOnly ? [] : startDragging(bank, gaps, context.interaction.id, (choice, gap) => {
    put(options.find((option) => option.choice === choice), gap);
  });
  return {
    show(value) {
      filled.clear();
      picked = null;
      for (const pair of asList(value)) {
        const [word, place] = pair.split(" ");
        const option = options.find((one) => one.choice === word);
        const gap = gaps.find((one) => one.choice === place);
        if (option && gap) filled.set(gap, option);
      }
      paint();
    },
    destroy() {
      sortables.forEach((one) => one.destroy());
      stop();
    },
  };
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

function startDragging(bank, gaps, name, onDrop) {
  const group = `gaps-${name}`;
  const sortables = [Sortable.create(bank, {
    ...DRAGGING, sort: false, group: { name: group, pull: "clone", put: false }, filter: ".qti-used",
  })];
  for (const gap of gaps) {
    sortables.push(Sortable.create(gap.holder, {
      ...DRAGGING,
      sort: false,
      draggable: "li",
      group: { name: group, pull: false, put: true },
      onAdd(event) {
        // The word itself goes back to its list (Sortable left a copy there); the gap only shows it.
        const { choice } = event.item.dataset;
        event.clone.replaceWith(event.item);
        onDrop(choice, gap);
      },
    }));
  }
  return sortables;
}
