// Beside the text fields of an item: letters of its language, a word against names in free text, and a quiet hint where
// Cyrillic letters look Latin.
import { button, make, show, write } from "./dom.js";
import { listLetters, makeLetters } from "./letters.js";
import { findLookAlikes, isWrittenInLatin, replaceLookAlikes } from "./look_alikes.js";

const FIELDS = "textarea, input.qti-text-entry";
// Whatever an item says of its fields: the browser neither corrects, completes, capitalises nor translates an answer.
const UNTOUCHED = { spellcheck: "false", autocomplete: "off", autocorrect: "off", autocapitalize: "off", translate: "no" };
const NUMERIC = new Set(["numeric", "decimal"]);

const isTyped = (field) => field.matches?.(FIELDS) && !field.readOnly && !NUMERIC.has(field.inputMode);

// Where a candidate writes freely, a name may slip in, and answers are marked without names.
const isFree = (field) => field.matches("textarea");

// `root` holds the mounted item; the aid is put after it. Nothing where the item asks for no text.
export function makeTypingAid(context, root, language) {
  const { words } = context;
  let field = null;
  const hint = makeHint(words, () => change(replaceLookAlikes(field.value)));
  const leave = () => field?.focus();
  const letters = listLetters(language).length ? makeLetters(context, language, { insert, leave }) : null;
  const tip = letters && make("p", { class: "hint letters-tip" }, words.letters.tip);
  const names = make("p", { class: "hint no-names", hidden: true }, words.noNames);
  const element = make("section", { class: "typing-aid", "aria-label": words.letters.aid, hidden: true }, letters?.element, tip, names, hint.element);

  // As if it was typed: it can be undone, and the item hears of it.
  function put(text) {
    field.focus();
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  function insert(letter) {
    if (field && !field.readOnly) put(letter);
  }
  function change(text) {
    const place = field.selectionStart;
    field.focus();
    field.select();
    put(text);
    field.setSelectionRange(place, place);
  }
  const prepare = () => {
    const fields = [...root.querySelectorAll(FIELDS)];
    for (const one of fields) {
      one.lang = language ?? "";
      for (const [name, value] of Object.entries(UNTOUCHED)) one.setAttribute(name, value);
    }
    const typed = fields.filter(isTyped);
    if (!typed.includes(field)) field = typed[0] ?? null;
    show(names, typed.some(isFree));
    look();
  };
  const look = () => {
    hint.update(field && isWrittenInLatin(language) ? findLookAlikes(field.value) : []);
    show(element, Boolean(field) && Boolean(letters || !names.hidden || hint.isShown()));
  };
  const take = ({ target }) => {
    if (!isTyped(target)) return;
    field = target;
    look();
  };
  const jump = (event) => {
    if (event.key !== "F2" || !letters || !isTyped(event.target)) return;
    event.preventDefault();
    letters.focus();
  };
  root.addEventListener("focusin", take);
  root.addEventListener("input", take);
  root.addEventListener("keydown", jump);
  return {
    element,
    prepare,
    destroy() {
      root.removeEventListener("focusin", take);
      root.removeEventListener("input", take);
      root.removeEventListener("keydown", jump);
      letters?.destroy();
      element.remove();
    },
  };
}

function makeHint(words, onReplace) {
  const said = words.lookAlikes;
  const text = make("span");
  const replace = button(said.replace, onReplace);
  replace.addEventListener("mousedown", (event) => event.preventDefault());
  const element = make("p", { class: "look-alikes", role: "status", hidden: true }, text, " ", replace);
  return {
    element,
    isShown: () => !element.hidden,
    update(letters) {
      show(element, letters.length > 0);
      if (letters.length) write(text, said.found(letters.join(", ")));
    },
  };
}
