// A sheet to draw on with mouse, pen, finger or the arrow keys. Kept as a PNG a moment after the hand rests, and
// brought back by drawing that picture again. An eraser takes away strokes, never the author's picture under them.
import { listening, make } from "../dom.js";
import { readReference } from "./file_reference.js";
import { Sheet } from "./sheet.js";
import { makeTools } from "./drawing_tools.js";

const PAUSE_MS = 700;

export function mountDrawing(element, context) {
  const { words, readOnly, keepFile, fileUrl } = context;
  const { on, stop } = listening();
  const holder = element.querySelector(".qti-sheet");
  const sheet = new Sheet(holder, words.sheet(context.number));
  const tools = makeTools(context, on);
  const note = make("p", { class: "qti-sheet-note" });
  const retry = make("button", { type: "button", hidden: true }, words.drawingRetry);
  const live = !readOnly && Boolean(keepFile);
  if (live) {
    const help = make("p", { class: "qti-hint", id: `${context.item}-${context.interaction.id}-help` }, words.drawingHelp);
    sheet.canvas.setAttribute("aria-describedby", help.id);
    holder.before(tools.element);
    holder.after(help);
  }
  element.append(make("div", { class: "qti-sheet-foot" }, note, retry));
  sheet.canvas.tabIndex = live ? 0 : -1;
  sheet.canvas.setAttribute("role", live ? "application" : "img");

  let kept = null;
  let timer = null;
  let saving = Promise.resolve();
  const paint = (text) => {
    note.textContent = keepFile || readOnly ? text : words.noFiles;
    note.classList.toggle("qti-warning", !keepFile && !readOnly);
    retry.hidden = text !== words.drawingFailed;
    tools.paint(sheet);
    element.classList.toggle("qti-answered", !sheet.isEmpty);
  };
  const give = (text) => {
    if (text === (kept?.text ?? null)) return;
    kept = readReference(text);
    context.answer(text);
  };
  const save = () => {
    clearTimeout(timer);
    timer = null;
    const version = sheet.version;
    saving = saving.then(async () => {
      try {
        const text = sheet.isEmpty ? null : await keepFile(await sheet.write(), "drawing.png");
        // What was drawn meanwhile is kept by a later save; only the newest is the answer.
        if (sheet.version !== version) return;
        give(text);
        paint(text ? words.drawingKept : words.drawingEmpty);
      } catch {
        paint(words.drawingFailed);
        context.say(words.drawingFailed);
      }
    });
    return saving;
  };
  const changed = () => {
    paint(words.drawingOpen);
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  };
  if (live) {
    sheet.draw(on, tools, changed, (text) => context.say(text), words);
    on(tools.undo, "click", () => {
      sheet.undo();
      changed();
    });
    on(tools.clear, "click", () => {
      sheet.clear();
      changed();
      context.say(words.drawingCleared);
    });
    on(retry, "click", save);
  }
  return {
    show(value) {
      // What is being drawn is newer than any state that comes from outside.
      if (timer !== null || value === (kept?.text ?? null)) return paint(kept ? words.drawingKept : words.drawingEmpty);
      kept = readReference(value);
      sheet.restore(kept && fileUrl ? fileUrl(kept.sha256) : null).then(
        () => paint(kept ? words.drawingKept : words.drawingEmpty),
        () => paint(words.drawingNotShown),
      );
      return undefined;
    },
    destroy() {
      if (timer !== null) save();
      stop();
    },
  };
}
