// Things to put together two by two: choose one, then another; or drag one onto the other. The pairs stand in words
// below and are taken apart there. The order within a pair means nothing.
import { asAnswer, asList, listening, make } from "../dom.js";
import { nameOf } from "../spoken.js";
import { startDragging } from "./drag.js";

export function mountAssociate(element, context) {
  const { words, readOnly, interaction } = context;
  const bank = element.querySelector(".qti-associate-choices");
  const most = interaction.cardinality === "single" ? 1 : Number(element.dataset.max);
  const { on, stop } = listening();
  const choices = [...bank.children].map(makeChoice);
  const list = make("ul", { class: "qti-pairs" });
  const count = make("p", { class: "qti-count" });
  let pairs = [];
  let picked = null;
  if (!readOnly) bank.before(make("p", { class: "qti-hint" }, words.choosePair));
  element.append(count, list);

  const uses = (choice) => pairs.filter((pair) => pair.includes(choice)).length;
  const isFree = (choice) => choice.most === 0 || uses(choice) < choice.most;
  const textOfPair = ([one, other]) => `${one.name} – ${other.name}`;
  const paint = () => {
    for (const choice of choices) {
      choice.line.classList.toggle("qti-used", !isFree(choice));
      choice.button.disabled = readOnly || (!isFree(choice) && choice !== picked);
      choice.button.setAttribute("aria-pressed", String(choice === picked));
    }
    element.classList.toggle("qti-picking", picked !== null);
    count.textContent = words.pairCount(pairs.length, Number(element.dataset.min), most);
    list.replaceChildren(...pairs.map(drawPair));
  };
  const drawPair = (pair) => {
    const line = make("li", {}, ...pair.map((choice) => make("span", { class: "qti-pair-part" }, ...choice.copy())));
    line.firstChild.after(make("span", { class: "qti-pair-link", "aria-hidden": "true" }, " – "));
    if (!readOnly) {
      const remove = make("button", { type: "button", "aria-label": words.pairRemove(textOfPair(pair)) }, words.remove);
      remove.addEventListener("click", () => part(pair));
      line.append(remove);
    }
    return line;
  };
  const send = () => {
    paint();
    const given = pairs.map(([one, other]) => `${one.choice} ${other.choice}`);
    context.answer(interaction.cardinality === "single" ? given[0] ?? null : asAnswer(given));
  };
  const part = (pair) => {
    const place = pairs.indexOf(pair);
    pairs = pairs.filter((one) => one !== pair);
    send();
    (list.children[Math.min(place, pairs.length - 1)]?.querySelector("button") ?? pair[0].button).focus();
    context.say(words.pairRemoved(textOfPair(pair)));
  };
  const join = (one, other) => {
    picked = null;
    if (pairs.some((pair) => pair.includes(one) && pair.includes(other))) context.say(words.pairKnown);
    else if (most && pairs.length >= most) context.say(words.atMostPairs(most));
    else if (isFree(one) && isFree(other)) {
      pairs.push([one, other]);
      send();
      context.say(words.pairMade(textOfPair([one, other])));
      return;
    }
    paint();
  };
  const press = (choice) => {
    if (picked && picked !== choice) {
      const from = picked;
      join(from, choice);
      (choices.find(({ button }) => !button.disabled)?.button ?? list.querySelector("button"))?.focus();
      return;
    }
    picked = picked === choice ? null : choice;
    paint();
    if (picked) context.say(words.pairPicked(choice.name));
  };

  for (const choice of choices) {
    on(choice.button, "click", () => press(choice));
    if (!readOnly) dragChoice(on, choice, choices, join, isFree);
  }
  on(element, "keydown", (event) => {
    if (event.key !== "Escape" || !picked) return;
    const { button } = picked;
    picked = null;
    paint();
    button.focus();
  });
  return {
    show(value) {
      picked = null;
      pairs = asList(value)
        .map((pair) => pair.split(" ").map((name) => choices.find(({ choice }) => choice === name)))
        .filter((pair) => pair.length === 2 && pair.every(Boolean));
      paint();
    },
    destroy: stop,
  };
}

function makeChoice(line) {
  const name = nameOf(line);
  const content = [...line.childNodes];
  const button = make("button", { type: "button", class: "qti-word" }, ...content);
  line.append(button);
  const copy = () => content.map((node) => node.cloneNode(true));
  return { line, button, name, copy, choice: line.dataset.choice, most: Number(line.dataset.max) };
}

function dragChoice(on, choice, choices, join, isFree) {
  // A picture must not be carried away by the browser's own dragging.
  on(choice.button, "dragstart", (event) => event.preventDefault());
  startDragging(on, choice.button, {
    start(event) {
      if (!isFree(choice)) return null;
      const box = choice.button.getBoundingClientRect();
      const ghost = choice.button.cloneNode(true);
      return { ghost, anchor: { x: event.clientX - box.left, y: event.clientY - box.top } };
    },
    onDrop({ clientX, clientY }) {
      const under = document.elementFromPoint(clientX, clientY)?.closest("[data-choice]");
      const other = choices.find(({ line }) => line === under);
      if (other && other !== choice) join(choice, other);
    },
  });
}
