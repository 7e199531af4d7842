// What has been answered on a picture, in words below it: how many, each with its buttons, and why something was
// refused. It is read by screen readers, stays on paper, and takes single answers or all of them back.
import { make } from "../dom.js";

export class AnswerList {
  // `onClear` is absent where there is nothing to take back at once.
  constructor(element, context, { onClear = null, ordered = false } = {}) {
    this.context = context;
    this.most = Number(element.dataset.max);
    this.least = Number(element.dataset.min);
    this.count = make("p", { class: "qti-count" });
    this.warning = make("p", { class: "qti-warning", hidden: true });
    this.list = make(ordered ? "ol" : "ul", { class: "qti-answers" });
    this.clear = make("button", { type: "button", class: "qti-clear", hidden: true }, context.words.clearAll);
    if (onClear) this.clear.addEventListener("click", onClear);
    this.clearable = Boolean(onClear) && !context.readOnly;
    const answer = make("div", { class: "qti-answer" }, this.warning, this.count, this.list, this.clear);
    const picture = element.querySelector(".qti-picture");
    if (!picture) {
      element.append(answer);
      return;
    }
    // Beside the picture where there is room, so that a task fits on one screen.
    const row = make("div", { class: "qti-work" });
    picture.before(row);
    row.append(picture, answer);
  }

  // entries: [{text, buttons: [{name, sign, run, disabled}]}]
  show(entries, { text = this.context.words.chosen(entries.length, this.least, this.most) } = {}) {
    const focus = this.findFocus();
    this.warning.hidden = true;
    this.count.textContent = text;
    this.list.replaceChildren(...entries.map((entry) => this.makeEntry(entry)));
    this.list.hidden = entries.length === 0;
    this.clear.hidden = !this.clearable || entries.length === 0;
    if (focus) this.restoreFocus(focus);
  }

  // Says and shows why an action was refused.
  warn(text) {
    this.warning.textContent = text;
    this.warning.hidden = false;
    this.context.say(text);
  }

  makeEntry({ text, buttons = [] }) {
    const line = make("li", {}, make("span", { class: "qti-answer-text" }, text));
    for (const { name, sign, run, disabled = false } of this.context.readOnly ? [] : buttons) {
      const button = make("button", { type: "button", "aria-label": `${name}: ${text}`, disabled }, sign);
      button.addEventListener("click", run);
      line.append(button);
    }
    return line;
  }

  findFocus() {
    const line = [...this.list.children].findIndex((one) => one.contains(document.activeElement));
    if (line < 0) return null;
    return { line, button: [...this.list.children[line].querySelectorAll("button")].indexOf(document.activeElement) };
  }

  // After a line was removed the next one takes its place; the last one leaves the focus to the button below.
  restoreFocus({ line, button }) {
    const lines = [...this.list.children];
    const buttons = [...(lines[Math.min(line, lines.length - 1)]?.querySelectorAll("button") ?? [])];
    const next = buttons[button]?.disabled ? buttons.find((one) => !one.disabled) : buttons[button];
    if (next) next.focus();
    else this.onEmptied?.();
  }
}
