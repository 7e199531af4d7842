// A file of one's own: chosen, shown by name and size, replaced or taken back; what was taken back can be had again.
import { listening, make } from "../dom.js";
import { cleanName, readReference } from "./file_reference.js";

export function mountUpload(element, context) {
  const { words, readOnly, keepFile } = context;
  const types = (element.dataset.types ?? "").split(" ").filter(Boolean);
  const { on, stop } = listening();
  const field = make("input", { type: "file", class: "qti-file", accept: types.join(",") || null });
  const label = element.getAttribute("aria-labelledby");
  if (label) field.setAttribute("aria-describedby", label);
  const button = make("label", { class: "qti-file-button" }, make("span", {}, words.chooseFile), field);
  const wanted = make("p", { class: "qti-hint" }, words.fileWanted(types.map(nameOfType), sizeOf(context.maxFileBytes, words)));
  const card = make("div", { class: "qti-file-card" });
  const note = make("p", { class: "qti-warning" });
  const undo = make("button", { type: "button" });
  const progress = make("progress", { "aria-label": words.fileStoring });
  const remove = make("button", { type: "button" }, words.fileRemove);
  if (!readOnly) element.append(wanted, button);
  element.append(progress, card, ...(readOnly ? [] : [note, undo]));

  let kept = null;
  let before = null;
  let busy = false;
  let destroyed = false;
  const paint = (problem = "") => {
    field.disabled = busy || !keepFile;
    button.classList.toggle("qti-disabled", field.disabled);
    button.firstChild.textContent = kept ? words.replaceFile : words.chooseFile;
    note.textContent = keepFile ? problem : words.noFiles;
    note.hidden = !note.textContent;
    progress.hidden = !busy;
    undo.hidden = busy || !before;
    undo.textContent = before ? words.fileBack(before.name) : "";
    card.hidden = !kept && !readOnly;
    card.replaceChildren(...(kept ? drawFile(kept, context, readOnly ? [] : [remove]) : [words.noFile]));
  };
  const give = (reference) => {
    [before, kept] = [kept, reference];
    paint();
    context.answer(kept?.text ?? null);
  };
  const store = async (file) => {
    busy = true;
    paint();
    context.say(words.fileStoring);
    let problem = "";
    try {
      const reference = readReference(await keepFile(file, cleanName(file.name)));
      busy = false;
      if (destroyed) return;
      give(reference);
      context.say(words.fileStored(reference.name));
    } catch {
      problem = words.fileFailed;
    }
    busy = false;
    if (problem) {
      paint(problem);
      context.say(problem);
    }
  };
  const refuse = (problem) => {
    paint(problem);
    context.say(problem);
  };
  on(field, "change", () => {
    const [file] = field.files;
    field.value = "";
    if (!file) return;
    if (file.size > context.maxFileBytes) refuse(words.fileTooLarge(file.name, sizeOf(context.maxFileBytes, words)));
    else if (file.size === 0) refuse(words.fileEmpty(file.name));
    else if (!isWanted(file, types)) refuse(words.fileOfOtherType(file.name, types.map(nameOfType)));
    else store(file);
  });
  on(remove, "click", () => {
    const { name } = kept;
    give(null);
    undo.focus();
    context.say(words.fileRemoved(name));
  });
  on(undo, "click", () => {
    give(before);
    (kept ? remove : field).focus();
  });
  return {
    show(value) {
      if (busy) return;
      if (value !== (kept?.text ?? null)) before = null;
      kept = readReference(value);
      paint();
    },
    destroy() {
      destroyed = true;
      stop();
    },
  };
}

function drawFile(reference, { words, fileUrl, readOnly }, buttons) {
  const name = make("bdi", { class: "qti-file-name" }, reference.name);
  const size = make("span", { class: "qti-file-size" }, sizeOf(reference.bytes, words));
  const parts = [make("p", {}, name, " ", size), ...buttons];
  const address = fileUrl?.(reference.sha256);
  if (address && /^image\/(png|jpeg|gif|webp)$/.test(reference.type)) {
    parts.unshift(make("img", { src: address, alt: words.filePicture(reference.name), class: "qti-file-picture" }));
  }
  if (address && readOnly) {
    parts.push(make("a", { href: address, download: reference.name }, words.fileOpen));
  }
  return parts;
}

function isWanted(file, types) {
  return types.length === 0 || types.some((type) => type === "*/*" || type === file.type
    || (type.endsWith("/*") && file.type.startsWith(type.slice(0, -1))));
}

const TYPE_NAMES = {
  "application/pdf": "PDF",
  "application/msword": "DOC",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
  "application/vnd.oasis.opendocument.text": "ODT",
  "text/plain": "TXT",
  "image/svg+xml": "SVG",
  "audio/mpeg": "MP3",
};

function nameOfType(type) {
  return TYPE_NAMES[type] ?? type.replace(/^(image|audio|video)\/(?!\*)(x-)?/, "").toUpperCase();
}

export function sizeOf(bytes, words) {
  const [number, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "kilobytes"] : [bytes / 1024 / 1024, "megabytes"];
  return words[unit](number < 10 ? Math.max(0.1, Math.round(number * 10) / 10) : Math.round(number));
}
