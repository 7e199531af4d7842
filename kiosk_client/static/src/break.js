// A break: how long it lasts and what to do with one's eyes; no item is shown, and nothing is hurried.
import { Countdown, everyQuarter, formatTime } from "./clock.js";
import { make, once, write } from "./dom.js";
import { inLanguage } from "./plain.js";

export function mountBreak(root, { agent, words, language, state }) {
  const said = words.rest;
  const { kind, number, of, next, early_end: mayEnd, work_clock: workClock } = state.break;
  const time = make("p", { class: "break-clock", role: "timer", "aria-live": "off" });
  const title = inLanguage(next, language);
  const messages = make("div", { class: "break-messages", "aria-live": "assertive" });
  root.append(make("div", { class: "calm calm-break" },
    make("p", { class: "hint" }, said.which(number, of)), make("h1", {}, said.kinds[kind] ?? said.kinds.rest), time,
    make("p", { class: "lead" }, said.advice[kind] ?? said.advice.rest),
    make("p", {}, workClock === "stands" ? said.stands : said.runs),
    make("p", {}, title ? said.next(title) : said.itself), messages,
    make("div", { class: "actions actions-middle" },
      mayEnd && once(said.end, () => agent.act("end_break"), { class: "primary" }))));
  const clock = new Countdown();
  const stop = everyQuarter(() => clock.isSet && write(time, formatTime(clock.left())));
  let shown = "";
  return {
    update({ break: rest, messages: told }) {
      if (!rest) return;
      clock.set(rest.left_ms, rest.rate);
      write(time, formatTime(clock.left()));
      const key = JSON.stringify(told);
      if (key === shown) return;
      shown = key;
      messages.replaceChildren(...told.map((one) => make("section", { class: "notice message" },
        make("p", { class: "message-head" }, words.work.message), make("p", {}, one.text),
        once(words.work.read, () => agent.act("dismiss_message", { number: one.number })))));
    },
    destroy: stop,
  };
}
