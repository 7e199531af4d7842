// Letters that a Russian keyboard has not, one button each: inserted where the cursor stands. Shift gives capitals.
import { button, make } from "./dom.js";

const LETTERS = {
  de: ["ä", "ö", "ü", "ß"],
  fr: ["à", "â", "æ", "ç", "é", "è", "ê", "ë", "î", "ï", "ô", "œ", "ù", "û", "ü", "ÿ"],
  es: ["á", "é", "í", "ñ", "ó", "ú", "ü", "¿", "¡"],
  it: ["à", "è", "é", "ì", "ò", "ù"],
};
const CAPITALS = { ß: "ẞ" };

export function listLetters(language) {
  return LETTERS[String(language ?? "").slice(0, 2)] ?? [];
}

export function capitalize(letter) {
  return CAPITALS[letter] ?? letter.toUpperCase();
}

// A toolbar with one Tab stop; arrows walk in it, Enter or Space puts the letter into the text, Escape goes back.
export function makeLetters({ words }, language, { insert, leave }) {
  const said = words.letters;
  const letters = listLetters(language);
  let isShifted = false;
  let isHeld = false;
  const isCapital = () => isShifted !== isHeld;
  const shift = button(`⇧ ${said.shift}`, () => { isShifted = !isShifted; draw(); }, { class: "letter letter-shift", "aria-pressed": "false" });
  const keys = letters.map((letter) => button(letter, (event) => {
    insert(isCapital() || event.shiftKey ? capitalize(letter) : letter);
    isShifted = false;
    draw();
  }, { class: "letter", lang: language }));
  const all = [...keys, shift];
  const element = make("div", { class: "letters", role: "toolbar", "aria-label": said.name }, all);

  function draw() {
    keys.forEach((key, place) => {
      const shown = isCapital() ? capitalize(letters[place]) : letters[place];
      if (key.textContent !== shown) key.textContent = shown;
    });
    shift.setAttribute("aria-pressed", String(isShifted));
  }
  const walk = (step) => {
    const place = all.indexOf(document.activeElement);
    focus(all[(place + step + all.length) % all.length]);
  };
  const focus = (key) => {
    for (const one of all) one.tabIndex = one === key ? 0 : -1;
    key.focus();
  };
  all.forEach((key, place) => { key.tabIndex = place ? -1 : 0; });
  // The cursor stays in the text while a letter is clicked.
  element.addEventListener("pointerdown", (event) => event.preventDefault());
  element.addEventListener("mousedown", (event) => event.preventDefault());
  element.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) walk(step);
    else if (event.key === "Home") focus(all[0]);
    else if (event.key === "End") focus(all.at(-1));
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
  });
  const watchShift = ({ key, type }) => {
    if (key !== "Shift") return;
    isHeld = type === "keydown";
    draw();
  };
  for (const name of ["keydown", "keyup"]) addEventListener(name, watchShift);
  return {
    element,
    focus: () => focus(all.find(({ tabIndex }) => tabIndex === 0) ?? all[0]),
    destroy() { for (const name of ["keydown", "keyup"]) removeEventListener(name, watchShift); },
  };
}
