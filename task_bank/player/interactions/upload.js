// A file of one's own: chosen, shown by name and size, replaced or taken back; what was taken back can be had again.
import { listening, make } from "../dom.js";
import { cleanName, nameOfType, readReference, sizeOf } from "./file_reference.js";

export function mountUpload(element, context) {
  const view = new Upload(element, context);
  return { show: (value) => view.show(value), destroy: () => view.destroy() };
}

class Upload {
  constructor(element, context) {
    const { words, readOnly } = context;
    this.element = element;
    this.context = context;
    this.types = (element.dataset.types ?? "").split(" ").filter(Boolean);
    this.listening = listening();
    this.kept = null;
    this.before = null;
    this.isBusy = false;
    this.isGone = false;
    this.field = this.makeField();
    this.button = make("label", { class: "qti-file-button" }, make("span", {}, words.chooseFile), this.field);
    this.card = make("div", { class: "qti-file-card" });
    this.note = make("p", { class: "qti-warning" });
    this.undo = make("button", { type: "button" });
    this.remove = make("button", { type: "button" }, words.fileRemove);
    this.progress = make("progress", { "aria-label": words.fileStoring });
    element.append(...(readOnly ? [this.card] : this.arrange()));
    if (!readOnly) this.listen();
  }

  makeField() {
    const field = make("input", { type: "file", class: "qti-file", accept: this.types.join(",") || null });
    const label = this.element.getAttribute("aria-labelledby");
    if (label) field.setAttribute("aria-describedby", label);
    return field;
  }

  arrange() {
    const { words, maxFileBytes } = this.context;
    const wanted = words.fileWanted(this.types.map(nameOfType), sizeOf(maxFileBytes, words));
    return [make("p", { class: "qti-hint" }, wanted), this.button, this.progress, this.card, this.note, this.undo];
  }

  listen() {
    const { on } = this.listening;
    on(this.field, "change", () => {
      const [file] = this.field.files;
      this.field.value = "";
      const problem = file && this.refuse(file);
      if (problem) this.complain(problem);
      else if (file) this.store(file);
    });
    on(this.remove, "click", () => {
      const { name } = this.kept;
      this.give(null);
      this.undo.focus();
      this.context.say(this.context.words.fileRemoved(name));
    });
    on(this.undo, "click", () => {
      this.give(this.before);
      (this.kept ? this.remove : this.field).focus();
    });
  }

  // Why a file cannot be the answer, in words; null when it can.
  refuse(file) {
    const { words, maxFileBytes } = this.context;
    if (file.size > maxFileBytes) return words.fileTooLarge(file.name, sizeOf(maxFileBytes, words));
    if (file.size === 0) return words.fileEmpty(file.name);
    return this.isWanted(file) ? null : words.fileOfOtherType(file.name, this.types.map(nameOfType));
  }

  isWanted({ type }) {
    const fits = (wanted) => wanted === "*/*" || wanted === type
      || (wanted.endsWith("/*") && type.startsWith(wanted.slice(0, -1)));
    return this.types.length === 0 || this.types.some(fits);
  }

  async store(file) {
    const { words, keepFile, say } = this.context;
    this.isBusy = true;
    this.paint();
    say(words.fileStoring);
    let reference = null;
    try {
      reference = readReference(await keepFile(file, cleanName(file.name)));
    } catch {
      reference = null;
    }
    this.isBusy = false;
    if (this.isGone) return;
    if (reference === null) this.complain(words.fileFailed);
    else {
      this.give(reference);
      say(words.fileStored(reference.name));
    }
  }

  complain(problem) {
    this.paint(problem);
    this.context.say(problem);
  }

  give(reference) {
    [this.before, this.kept] = [this.kept, reference];
    this.paint();
    this.context.answer(reference?.text ?? null);
  }

  show(value) {
    if (this.isBusy) return;
    if (value !== (this.kept?.text ?? null)) this.before = null;
    this.kept = readReference(value);
    this.paint();
  }

  paint(problem = "") {
    const { words, keepFile, readOnly } = this.context;
    this.field.disabled = this.isBusy || !keepFile;
    this.button.classList.toggle("qti-disabled", this.field.disabled);
    this.button.firstChild.textContent = this.kept ? words.replaceFile : words.chooseFile;
    this.note.textContent = keepFile ? problem : words.noFiles;
    this.note.hidden = !this.note.textContent;
    this.progress.hidden = !this.isBusy;
    this.undo.hidden = this.isBusy || !this.before;
    this.undo.textContent = this.before ? words.fileBack(this.before.name) : "";
    this.card.hidden = !this.kept && !readOnly;
    this.card.replaceChildren(...(this.kept ? this.drawFile() : [words.noFile]));
  }

  drawFile() {
    const { words, fileUrl, readOnly } = this.context;
    const { name, bytes, type, sha256 } = this.kept;
    const size = make("span", { class: "qti-file-size" }, sizeOf(bytes, words));
    const parts = [make("p", {}, make("bdi", { class: "qti-file-name" }, name), " ", size)];
    const address = fileUrl?.(sha256);
    if (address && /^image\/(png|jpeg|gif|webp)$/.test(type)) {
      parts.unshift(make("img", { src: address, alt: words.filePicture(name), class: "qti-file-picture" }));
    }
    if (!readOnly) parts.push(this.remove);
    else if (address) parts.push(make("a", { href: address, download: name }, words.fileOpen));
    return parts;
  }

  destroy() {
    this.isGone = true;
    this.listening.stop();
  }
}
