// Out of the room: nothing of the work is shown; who comes back opens it by the login.
import { Countdown, everyQuarter, formatCalmly } from "./clock.js";
import { make, show, write } from "./dom.js";
import { makeLoginForm } from "./login_field.js";

export function mountAway(root, { agent, words, language, state }) {
  const said = words.away;
  const { from_ms: fromMs, work_clock: workClock } = state.away;
  const left = make("p", { class: "lead", role: "timer" });
  const form = makeLoginForm({ words, label: said.label, go: said.go, wait: words.signIn.wait }, (login) => agent.act("return_to_room", { login }));
  const since = new Date(fromMs).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  root.append(make("h1", {}, said.title), make("p", {}, said.since(since)),
    make("p", {}, workClock === "stands" ? said.stands : said.runs), left, form.element);
  form.focus();
  const clock = new Countdown();
  const drawLeft = () => clock.isSet && write(left, said.left(formatCalmly(clock.left(), words)));
  const stop = everyQuarter(drawLeft);
  return {
    update({ away }) {
      if (!away) return;
      clock.set(away.work_left_ms, away.rate);
      show(left, clock.isSet);
      drawLeft();
    },
    destroy: stop,
  };
}
