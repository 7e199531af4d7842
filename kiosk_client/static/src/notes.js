// What needs attention above the item: trouble with the microphone, a broken link, a refusal, what became of an answer,
// words of the organizer.
import { make, once } from "./dom.js";

export function makeNotes(context, { complain, walk }) {
  const { agent, words } = context;
  const element = make("div", { class: "notes", "aria-live": "assertive" });
  // Put away by the candidate: unheard answers by name, and this outage of the link.
  const put = new Set();
  let drawn = "";
  let latest = null;

  function update(state, problem) {
    latest = [state, problem];
    const { work, link } = state;
    if (!link.away) put.delete("link");
    // While the candidate prepares or speaks, only what stops the speech is worth their eyes.
    const isCalm = work.may_leave;
    const told = {
      trouble: work.trouble, muted: work.muted, away: Boolean(work.trouble) && link.away, problem, cut: link.away && isCalm && !put.has("link"),
      spoken: isCalm ? work.just_spoken : null,
      unheard: isCalm ? work.unheard.filter(({ name }) => !put.has(name)) : [],
      messages: isCalm ? state.messages : [],
    };
    const key = JSON.stringify(told);
    if (key === drawn) return;
    drawn = key;
    element.replaceChildren(...[
      told.trouble && drawTrouble(told.trouble, told.away), told.muted && drawMuted(), told.problem && drawNotice(told.problem, () => complain(null)),
      told.cut && drawNotice(words.work.cut, () => putAway("link"), "notice-offline"),
      told.spoken && drawSpoken(told.spoken), ...told.unheard.map(drawUnheard), ...told.messages.map(drawMessage),
    ].filter(Boolean));
  }
  const putAway = (name) => { put.add(name); update(...latest); };

  const drawTrouble = (code, isAway) => make("section", { class: "trouble" },
    make("p", { class: "trouble-what" }, words.troubles.title), make("p", {}, words.troubles[code] ?? words.troubles.other),
    make("p", {}, `${words.troubles.safe} ${isAway ? words.troubles.unseen : words.troubles.seen}`),
    make("div", { class: "actions" }, once(words.troubles.retry, () => walk(() => agent.act("retry_microphone")), { class: "primary" })));
  const drawMuted = () => make("section", { class: "notice" }, make("p", {}, words.troubles.maybe_muted));
  const drawNotice = (text, close, kind = "") => make("section", { class: `notice ${kind}` }, make("p", {}, text),
    make("button", { type: "button", class: "quiet", onclick: close }, words.work.read));
  const drawSpoken = ({ position, verdict }) => make("section", { class: "notice message" },
    make("p", { class: "message-head" }, words.work.item(position)), make("p", {}, words.verdicts[verdict] ?? ""));
  const drawUnheard = ({ name, position, verdict }) => make("section", { class: "notice" },
    make("p", { class: "message-head" }, words.work.item(position)), make("p", {}, words.verdicts[verdict] ?? ""),
    make("p", {}, words.work.unheard), make("button", { type: "button", onclick: () => putAway(name) }, words.work.read));
  const drawMessage = ({ number, text }) => make("section", { class: "notice message" },
    make("p", { class: "message-head" }, words.work.message), make("p", {}, text),
    once(words.work.read, () => agent.act("dismiss_message", { number })));

  return { element, update };
}
