// The criteria of one answer: one line each, the one being decided with its levels in full. Points change by a click,
// a tap or a digit key, never by a wheel.
import {clock, make} from "./_desk_dom.js";

export class Criteria {
  #root;
  #answer;
  #texts;
  #acts;
  #boxes = [];
  #active = 0;
  points = {};

  // `acts`: {onChange(criterion), hear(place)}
  constructor(root, answer, points, texts, acts) {
    this.#root = root;
    this.#answer = answer;
    this.#texts = texts;
    this.#acts = acts;
    this.points = {...points};
    this.#boxes = answer.criteria.map((criterion, index) => this.#showCriterion(criterion, index));
    root.replaceChildren(...this.#boxes);
    this.activate(0);
    this.fit();
    this.#paint();
  }

  get isComplete() {
    return this.#answer.criteria.every((criterion) => this.points[criterion.id] !== undefined);
  }

  // the criterion being decided
  get current() {
    return this.#answer.criteria[this.#active].id;
  }

  // all levels of all criteria in full where there is room for them
  fit() {
    this.#root.classList.add("desk-open");
    if (this.#root.scrollHeight > this.#root.clientHeight + 1) this.#root.classList.remove("desk-open");
  }

  activate(index) {
    this.#active = Math.max(0, Math.min(index, this.#boxes.length - 1));
    this.#boxes.forEach((box, place) => box.classList.toggle("desk-active", place === this.#active));
    this.#boxes[this.#active].scrollIntoView({block: "nearest"});
  }

  step(count) {
    this.activate(this.#active + count);
  }

  // points for the criterion being decided; false when it has no such level
  give(value) {
    return this.#set(this.#active, value);
  }

  #set(index, value) {
    const criterion = this.#answer.criteria[index];
    if (!criterion.levels.some((level) => level.points === value)) return false;
    this.points[criterion.id] = value;
    this.#paint();
    this.activate(index + 1);
    this.#acts.onChange(criterion.id);
    return true;
  }

  #showCriterion(criterion, index) {
    const levels = [...criterion.levels].sort((one, other) => other.points - one.points);
    const title = make("p", {class: "desk-criterion-title", id: `criterion-${index}`},
      make("strong", {}, criterion.id), ` ${criterion.title} `, make("span", {class: "desk-given"}));
    title.addEventListener("click", () => this.activate(index));
    return make("div", {class: "desk-criterion", role: "radiogroup", "aria-labelledby": `criterion-${index}`}, title,
      make("div", {class: "desk-levels"}, ...levels.map((level) => this.#showLevel(level, index))),
      ...this.#showOthers(criterion));
  }

  // what the two before gave, to whoever decides between them; a press plays the place where they decided it
  #showOthers({id}) {
    const given = (this.#answer.others ?? []).filter((other) => other.points[id] !== undefined);
    if (!given.length) return [];
    return [make("p", {class: "desk-others"}, ...given.map((other) => {
      const words = `${this.#texts.textExpert} ${other.round}: ${other.points[id]}`;
      const place = other.moments?.[id];
      if (!place) return make("span", {class: `desk-pin-other-${other.round}`}, words);
      const button = make("button", {type: "button", class: `small desk-pin-other-${other.round}`,
        "aria-label": `${words} (${id}), ${this.#texts.textPlay} ${clock(place.at_ms)}`}, `${words} ▶ ${clock(place.at_ms)}`);
      button.addEventListener("click", () => this.#acts.hear(place));
      return button;
    }))];
  }

  #showLevel(level, index) {
    const choice = make("input", {type: "radio", name: `criterion-${index}`, value: level.points});
    choice.addEventListener("change", () => this.#set(index, level.points));
    return make("label", {class: "desk-level", title: level.text}, choice, make("strong", {}, String(level.points)),
      make("span", {class: "desk-level-text"}, level.text));
  }

  #paint() {
    this.#answer.criteria.forEach((criterion, index) => {
      const given = this.points[criterion.id];
      this.#boxes[index].classList.toggle("desk-done", given !== undefined);
      this.#boxes[index].querySelector(".desk-given").textContent = given === undefined ? "" : "✓";
      for (const choice of this.#boxes[index].querySelectorAll("input")) choice.checked = Number(choice.value) === given;
    });
  }

  // A preview by the rules the assessment carries; what counts is computed on the server.
  describeSum() {
    const zero = this.#answer.rules.find((rule) => rule.kind === "zeroes_item" && this.points[rule.criterion] === rule.when);
    const given = this.#answer.criteria.map((criterion) => this.points[criterion.id] ?? 0);
    const most = this.#answer.criteria.reduce((whole, one) => whole + one.max, 0);
    const sum = zero ? 0 : given.reduce((whole, one) => whole + one, 0);
    return `${this.#texts.textPoints}: ${sum} / ${most}${zero ? `. ${zero.criterion} = ${zero.when}: ${this.#texts.textZero}` : ""}`;
  }
}
