// The screens that say something and want little: instruction, waiting, loading, pause, thanks, moved.
import { make, once, show, state as shape, write } from "./dom.js";

export function mountInstruction(root, { agent, words, language, state }) {
  const said = words.instruction;
  const { assessment } = state;
  const extra = make("p", { class: "extra-time", hidden: true });
  const heads = [said.number, said.task, said.how, said.pointsHead].map((text) => make("th", { scope: "col" }, text));
  const lines = assessment.positions.flatMap((position) => listLines(words, language, assessment, position));
  root.append(
    make("h1", {}, inLanguage(assessment.title, language)),
    make("section", { class: "sheet" }, make("h2", {}, said.title),
      (assessment.instruction[language] ?? assessment.instruction.ru ?? []).map((text) => make("p", {}, text)),
      make("h2", {}, said.map),
      make("p", {}, [said.time(Math.round(assessment.duration_s / 60)), assessment.total_points && said.points(assessment.total_points)].filter(Boolean).join(". ")),
      extra, make("p", {}, assessment.drafts_allowed ? said.drafts : said.noDrafts),
      make("table", {}, make("thead", {}, make("tr", {}, heads)), make("tbody", {}, lines))),
    make("div", { class: "foot" }, once(said.ready, () => agent.act("instructed"), { class: "primary" })));
  return { update: ({ needs }) => drawExtra(extra, said, needs) };
}

function drawExtra(element, said, needs) {
  show(element, Boolean(needs?.extra_percent));
  if (needs?.extra_percent) write(element, said.extra(needs.extra_percent));
}

// A position, the head of its part before it and the break after it.
function listLines(words, language, { parts, breaks }, position) {
  const said = words.instruction;
  const { number } = position;
  const part = parts.find(({ positions }) => positions[0] === number);
  const own = parts.find(({ positions }) => positions.at(-1) === number);
  const rest = breaks.find((one) => one.after_position === number || (own && one.after_part === own.id));
  const wide = (kind, text) => make("tr", { class: kind }, make("th", { scope: "row", colspan: "4" }, text));
  return [
    part && wide("line-part", said.part(inLanguage(part.title, language), part.time_s)),
    make("tr", {}, make("td", {}, String(number)), make("th", { scope: "row" }, inLanguage(position.title, language)),
      make("td", {}, explainKind(words, position)), make("td", { class: "number" }, String(position.points ?? ""))),
    rest && wide("line-break", said.rest(rest.time_s, rest.kind)),
  ].filter(Boolean);
}

function explainKind(words, position) {
  const kind = words.kinds[position.kind];
  const how = typeof kind === "function" ? kind(position) : kind ?? position.kind;
  return position.fixed && position.time_s ? `${how}; ${words.instruction.fixed(position.time_s)}` : how;
}

export function inLanguage(texts, language) {
  return typeof texts === "string" ? texts : texts?.[language] ?? texts?.ru ?? texts?.en ?? "";
}

export function mountWaiting(root, { agent, words, language, state }) {
  const said = words.waiting;
  const extra = make("p", { class: "extra-time", hidden: true });
  const again = once(words.check.before, () => agent.act("check_again"), { hidden: true });
  const loaded = make("li");
  root.append(make("h1", {}, said.title), make("p", { class: "work-name" }, inLanguage(state.assessment.title, language)),
    make("p", { class: "big-seat" }, `${said.seat}: ${state.server.seat}`), make("p", {}, said.what),
    make("ul", { class: "ready-list" }, make("li", {}, shape("ready", said.ready)),
      state.assessment.sound_check && make("li", {}, shape("ready", said.sound)), loaded), extra,
    make("div", { class: "actions" }, again));
  let shown = null;
  return {
    update({ missing, needs, check }) {
      drawExtra(extra, words.instruction, needs);
      show(again, Boolean(check?.may_begin_again));
      if (missing === shown) return;
      shown = missing;
      loaded.replaceChildren(missing ? shape("running", said.loading(missing)) : shape("ready", said.loaded));
    },
  };
}

export function mountLoading(root, { words }) {
  const left = make("p", { role: "status" });
  root.append(make("h1", {}, words.loading.title), make("p", {}, words.loading.keep), left);
  return { update: ({ missing }) => write(left, missing ? words.loading.left(missing) : "") };
}

export function mountPaused(root, { words }) {
  const said = words.paused;
  root.append(make("div", { class: "calm" }, make("div", { class: "calm-mark", "aria-hidden": "true" }, "❚❚"),
    make("h1", {}, said.title), make("p", { class: "lead" }, said.why), make("p", {}, said.what)));
  return { update() {} };
}

export function mountDone(root, { agent, words, state }) {
  const said = words.done;
  const delivery = make("p", { role: "status" });
  const leave = once(said.leave, () => agent.act("leave"), { class: "quiet" });
  root.append(make("div", { class: "calm" }, make("h1", {}, said.title),
    make("p", { class: "lead" }, said.reasons[state.done.reason] ?? said.reasons.candidate),
    make("p", {}, said.code), make("p", { class: "receipt", id: "receipt" }, state.done.receipt),
    make("p", {}, said.keep), delivery, leave));
  let shown = null;
  return {
    update({ done, link }) {
      show(leave, Boolean(done?.delivered));
      const what = done?.delivered ? "delivered" : link.away ? "away" : "sending";
      if (!done || shown === what) return;
      shown = what;
      delivery.replaceChildren(shape({ delivered: "ready", away: "offline", sending: "running" }[what], said[what]));
    },
  };
}

export function mountMoved(root, { agent, words }) {
  const said = words.moved;
  root.append(make("div", { class: "calm" }, make("h1", {}, said.title), make("p", { class: "lead" }, said.what),
    once(said.leave, () => agent.act("leave"))));
  return { update() {} };
}
