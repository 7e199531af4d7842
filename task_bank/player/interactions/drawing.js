// A sheet to draw on with mouse, pen, finger or the arrow keys. Kept as a PNG a moment after the hand rests, and
// brought back by drawing that picture again. An eraser takes away strokes, never the author's picture under them.
import { listening, make } from "../dom.js";
import { makeTools } from "./drawing_tools.js";
import { readReference } from "./file_reference.js";
import { Sheet } from "./sheet.js";

const PAUSE_MS = 700;

export function mountDrawing(element, context) {
  const view = new Drawing(element, context);
  return { show: (value) => view.show(value), destroy: () => view.destroy() };
}

class Drawing {
  constructor(element, context) {
    const { words, readOnly, keepFile, number } = context;
    this.element = element;
    this.context = context;
    this.listening = listening();
    this.holder = element.querySelector(".qti-sheet");
    this.sheet = new Sheet(this.holder, words.sheet(number));
    this.tools = makeTools(context, this.listening.on);
    this.note = make("p", { class: "qti-sheet-note" });
    this.retry = make("button", { type: "button", hidden: true }, words.drawingRetry);
    this.kept = null;
    this.timer = null;
    this.saving = Promise.resolve();
    const isLive = !readOnly && Boolean(keepFile);
    this.sheet.canvas.tabIndex = isLive ? 0 : -1;
    this.sheet.canvas.setAttribute("role", isLive ? "application" : "img");
    if (isLive) this.open();
    element.append(make("div", { class: "qti-sheet-foot" }, this.note, this.retry));
  }

  open() {
    const { words, say, item, interaction } = this.context;
    const { on } = this.listening;
    const help = make("p", { class: "qti-hint", id: `${item}-${interaction.id}-help` }, words.drawingHelp);
    this.sheet.canvas.setAttribute("aria-describedby", help.id);
    this.holder.before(this.tools.element);
    this.holder.after(help);
    const changed = () => this.changed();
    this.sheet.listen(on, { pen: () => this.tools.current(), changed, say, words });
    on(this.tools.undo, "click", () => {
      this.sheet.undo();
      changed();
    });
    on(this.tools.clear, "click", () => {
      this.sheet.clear();
      changed();
      say(words.drawingCleared);
    });
    on(this.retry, "click", () => this.save());
  }

  changed() {
    this.paint(this.context.words.drawingOpen);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE_MS);
  }

  // One save after another; only what is newest when it is done becomes the answer.
  save() {
    clearTimeout(this.timer);
    this.timer = null;
    const { version } = this.sheet;
    this.saving = this.saving.then(() => this.keep(version));
  }

  async keep(version) {
    const { words, keepFile, say } = this.context;
    try {
      const text = this.sheet.isEmpty ? null : await keepFile(await this.sheet.write(), "drawing.png");
      if (this.sheet.version !== version) return;
      this.give(text);
      this.paintKept();
    } catch {
      this.paint(words.drawingFailed);
      say(words.drawingFailed);
    }
  }

  give(text) {
    if (text === (this.kept?.text ?? null)) return;
    this.kept = readReference(text);
    this.context.answer(text);
  }

  show(value) {
    // What is being drawn is newer than any state that comes from outside.
    if (this.timer === null && value !== (this.kept?.text ?? null)) this.bringBack(value);
    else this.paintKept();
  }

  async bringBack(value) {
    const { words, fileUrl } = this.context;
    this.kept = readReference(value);
    try {
      await this.sheet.restore(this.kept && fileUrl ? fileUrl(this.kept.sha256) : null);
      this.paintKept();
    } catch {
      this.paint(words.drawingNotShown);
    }
  }

  paintKept() {
    const { words } = this.context;
    this.paint(this.kept ? words.drawingKept : words.drawingEmpty);
  }

  paint(text) {
    const { words, keepFile, readOnly } = this.context;
    const cannot = !keepFile && !readOnly;
    this.note.textContent = cannot ? words.noFiles : text;
    this.note.classList.toggle("qti-warning", cannot);
    this.retry.hidden = text !== words.drawingFailed;
    this.tools.paint(this.sheet);
    this.element.classList.toggle("qti-answered", !this.sheet.isEmpty);
  }

  destroy() {
    if (this.timer !== null) this.save();
    this.listening.stop();
  }
}
