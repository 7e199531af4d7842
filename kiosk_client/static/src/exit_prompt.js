// The organizer's way out: Ctrl+Shift+Q or five seconds on the upper left corner, then the code of the console.
import { button, make, show, write } from "./dom.js";
import { explainRefusal } from "./words.js";

const HOLD_MS = 5000;
const CORNER = 64;

// Gives `open()`. `getState()`, `getWords()`: of the moment.
export function makeExitPrompt({ agent, getState, getWords }) {
  let dialog = null;
  const open = () => {
    // A browser of the school, not of the kiosk, is closed like any other.
    if (dialog?.open || getState()?.exit === null) return;
    dialog?.remove();
    dialog = draw(agent, getWords(), getState()?.exit?.needs_code !== false);
    document.body.append(dialog);
    dialog.showModal();
  };
  watchCorner(open);
  return open;
}

function draw(agent, words, needsCode) {
  const said = words.exit;
  const input = make("input", { id: "exit-code", class: "exit-code", type: "text", inputmode: "numeric", autocomplete: "off",
    spellcheck: "false", maxlength: "9", "aria-describedby": "exit-hint exit-problem" });
  const problem = make("p", { id: "exit-problem", class: "field-error", role: "alert", hidden: true });
  const go = make("button", { class: "primary", type: "submit" }, said.go);
  const field = needsCode
    ? [make("label", { for: "exit-code" }, said.label), input, make("p", { id: "exit-hint", class: "hint" }, said.hint)]
    : [make("p", {}, said.free)];
  const leave = async (event) => {
    event.preventDefault();
    show(problem, false);
    go.disabled = true;
    try {
      await agent.act("leave_kiosk", { code: input.value });
      showClosed(agent, words);
    } catch (refusal) {
      write(problem, explainRefusal(words, refusal));
      show(problem, true);
      input.value = "";
      input.focus();
    }
    go.disabled = false;
  };
  const dialog = make("dialog", { class: "exit-prompt", "aria-labelledby": "exit-title" },
    make("h2", { id: "exit-title" }, said.title), make("p", {}, said.what),
    make("form", { class: "stack", onsubmit: leave }, ...field, problem,
      make("div", { class: "actions" }, go, button(said.back, () => dialog.close()))));
  return dialog;
}

// The program ends now: whoever still sees this page is told so, and that nothing is lost.
function showClosed(agent, words) {
  agent.close();
  const said = words.exit.closed;
  document.title = said.title;
  document.body.replaceChildren(make("main", { id: "main" }, make("div", { class: "calm" },
    make("h1", {}, said.title), make("p", { class: "lead" }, said.what), make("p", {}, said.next))));
}

function watchCorner(open) {
  let timer = null;
  const stop = () => { clearTimeout(timer); timer = null; };
  addEventListener("pointerdown", ({ clientX, clientY }) => {
    if (clientX <= CORNER && clientY <= CORNER) timer = setTimeout(open, HOLD_MS);
  }, true);
  addEventListener("pointermove", ({ clientX, clientY }) => { if (clientX > CORNER || clientY > CORNER) stop(); }, true);
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, stop, true);
}
