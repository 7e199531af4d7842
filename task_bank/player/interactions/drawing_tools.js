// Pens, eraser, widths, undo and clearing for a drawing: radio buttons and buttons, named in words.
import { make } from "../dom.js";

const COLOURS = { black: "#10151b", blue: "#1558a6", red: "#b3261e", green: "#1d7a3a" };
const WIDTHS = { thin: 2, middle: 5, thick: 12 };
const ERASER_TIMES = 3;

export function makeTools({ words, interaction, item }, on) {
  const pens = [...Object.keys(COLOURS), "eraser"].map((name) => makeTool(`${item}-${interaction.id}-pen`, name, words.pens[name]));
  const widths = Object.keys(WIDTHS).map((name) => makeTool(`${item}-${interaction.id}-width`, name, words.widths[name]));
  const undo = make("button", { type: "button" }, words.drawingUndo);
  const clear = make("button", { type: "button" }, words.drawingClear);
  pens[0].input.checked = true;
  widths[1].input.checked = true;
  const paintChosen = () => [...pens, ...widths].forEach(({ label, input }) => {
    label.classList.toggle("qti-chosen", input.checked);
  });
  for (const { input } of [...pens, ...widths]) on(input, "change", paintChosen);
  paintChosen();
  const group = (name, tools) => make("div", { class: "qti-tools", role: "radiogroup", "aria-label": name },
    ...tools.map(({ label }) => label));
  return {
    element: make("div", { class: "qti-drawing-tools" }, group(words.pen, pens), group(words.width, widths),
      make("div", { class: "qti-tools" }, undo, clear)),
    undo,
    clear,
    current() {
      const pen = pens.find(({ input }) => input.checked).name;
      const width = WIDTHS[widths.find(({ input }) => input.checked).name];
      const erases = pen === "eraser";
      return { colour: COLOURS[pen] ?? "#000000", width: erases ? width * ERASER_TIMES : width, erases };
    },
    paint(sheet) {
      undo.disabled = sheet.strokes.length === 0;
      clear.disabled = sheet.isEmpty;
    },
  };
}

function makeTool(group, name, word) {
  const input = make("input", { type: "radio", name: group, value: name });
  const sign = make("span", { class: `qti-tool-sign qti-tool-${name}`, "aria-hidden": "true" });
  return { name, input, label: make("label", { class: "qti-tool" }, input, sign, word) };
}
