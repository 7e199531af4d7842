// "Tell the organizer": one button, then a reason from a list, so that no name is ever typed. Going out of the room
// begins here too: the screen is covered only when the organizer has said yes.
import { button, make, once, show, write } from "./dom.js";
import { explainRefusal } from "./words.js";

const REASONS = ["no_sound", "microphone", "task", "computer", "leave", "unwell", "hand"];

export function makeCall({ agent, words, language }) {
  const said = words.call;
  const status = make("span", { class: "call-told", role: "status" });
  const open = button(said.open, () => choose(), { class: "call", "aria-haspopup": "dialog" });
  const page = make("div", { class: "stack" });
  const dialog = make("dialog", { class: "call-dialog", "aria-labelledby": "call-title" }, page);
  let isWorking = false;

  const draw = (title, ...parts) => page.replaceChildren(make("h2", { id: "call-title", tabindex: "-1" }, title), ...parts);
  const close = () => dialog.close();
  function choose() {
    draw(said.title,
      make("ul", { class: "reasons" }, REASONS.map((reason) => make("li", {}, once(said.reasons[reason], () => tell(reason))))),
      make("div", { class: "actions" }, button(said.back, close, { class: "quiet" })));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }
  async function tell(reason) {
    try {
      await agent.act("call", { reason });
    } catch (refusal) {
      if (refusal.code) draw(said.title, make("p", {}, explainRefusal(words, refusal)), make("div", { class: "actions" }, button(said.back, close)));
      return;
    }
    const isLeaving = reason === "leave" && isWorking;
    draw(said.done, make("p", {}, isLeaving ? said.leave : said.wait),
      make("div", { class: "actions" }, button(words.work.read, close, { class: "primary" }),
        isLeaving && once(said.goOut, goOut)));
    page.querySelector(".primary").focus();
  }
  async function goOut() {
    try {
      await agent.act("leave_room");
      close();
    } catch (refusal) {
      if (refusal.code) draw(said.title, make("p", {}, explainRefusal(words, refusal)), make("div", { class: "actions" }, button(said.back, close)));
    }
  }
  return {
    element: make("span", { class: "call-place" }, status, open, dialog),
    update({ call, screen }) {
      isWorking = screen === "work" || screen === "break";
      show(status, Boolean(call));
      if (call) write(status, said.told(formatHour(call.at_ms, language), said.reasons[call.reason] ?? said.reasons.hand));
    },
  };
}

function formatHour(atMs, language) {
  return new Date(atMs).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}
