// The sound check: hear a phrase, say a phrase, hear yourself. The microphone is the agent's, not the page's. Before the
// start the work waits for it; in the middle of the work it is a help that can be left at any moment.
import { button, make, once, show, write } from "./dom.js";
import { makeDevices } from "./devices.js";
import { makeLevelBar } from "./level.js";
import { makeVolume, playSound } from "./volume.js";
import { explainRefusal } from "./words.js";

const LONGEST_MS = 8000;
const ORDER = ["hear", "say", "hear_yourself", "passed"];
// What one press repairs.
const CLOSED = new Set(["muted", "turned_down"]);

export function mountCheck(root, context) {
  const { agent, words, state } = context;
  const report = () => agent.act("report_check", { screen: `${screen.width}×${screen.height}`, browser: nameBrowser() });
  if (!state.assessment.sound_check && !state.check.again) return skipCheck(root, words, report);
  const said = words.check;
  const steps = make("ol", { class: "steps" }, ["hear", "say", "yourself"].map((name) => make("li", {}, said[name])));
  const card = make("section", { class: "card stack" });
  const verdict = make("p", { class: "verdict", role: "status" });
  const help = make("p", { class: "notice", hidden: true }, said.person);
  const level = makeLevelBar(words);
  const volume = makeVolume(context);
  const devices = makeDevices(context);
  const tell = (text) => write(verdict, text);
  const attempt = (action) => async () => {
    try {
      await action();
    } catch (refusal) {
      tell(words.troubles[refusal.code] ?? explainRefusal(words, refusal));
    }
  };
  const open = once(said.openUp, attempt(() => agent.act("open_up", { direction: "input" })), { hidden: true });
  const back = make("div", { class: "foot" }, once(`← ${said.back}`, attempt(() => agent.act("end_check_again"))), make("span", { class: "hint" }, said.clock));
  const { drawers, stop } = makeDrawers(context, { attempt, tell, level, volume, finish: state.check.again ? () => agent.act("end_check_again") : report });
  root.append(make("h1", { tabindex: "-1" }, said.title), steps, card, verdict, open, help, devices.element);
  if (state.check.again) root.append(back);
  let drawn = "";
  return {
    level: (heard) => level.set(heard),
    update({ check, volume: percent }) {
      volume.update({ volume: percent });
      const name = check.saying ? "saying" : check.step;
      [...steps.children].forEach((line, place) => {
        line.className = place < ORDER.indexOf(check.step) ? "step-done" : place === ORDER.indexOf(check.step) ? "step-now" : "";
      });
      show(help, check.needs_person);
      show(open, CLOSED.has(check.problem) && !check.saying);
      const told = check.saying ? "" : said.problems[check.problem] || words.verdicts[check.verdict] || "";
      if (drawn !== name || told) tell(told);
      if (drawn === name) return;
      drawn = name;
      card.replaceChildren(...drawers[name]());
      devices.load();
      card.querySelector(".primary")?.focus();
    },
    destroy: stop,
  };
}

// What stands on the card in each step; `stop` ends the time of a phrase that is being said.
function makeDrawers({ agent, words, language }, { attempt, tell, level, volume, finish }) {
  const said = words.check;
  let timer = null;
  const listen = (findUrl) => attempt(() => playSound(findUrl()));
  const stopSaying = attempt(() => { clearTimeout(timer); return agent.act("end_saying"); });
  const record = attempt(async () => {
    tell("");
    await agent.act("begin_saying");
    timer = setTimeout(stopSaying, LONGEST_MS);
  });
  const answer = (name, yes) => attempt(() => agent.act(name, { yes }));
  const saying = (...more) => [make("h2", {}, said.step(2)), make("p", {}, said.say), make("p", { class: "phrase" }, said.phrase), ...more];
  const drawers = {
    hear: () => [make("h2", {}, said.step(1)), make("p", {}, said.hear),
      make("div", { class: "actions" }, once(`▶ ${said.play}`, listen(() => agent.phraseUrl(language)), { class: "primary" })), volume.element,
      make("div", { class: "actions" }, once(said.heard, answer("heard_phrase", true)), once(said.notHeard, answer("heard_phrase", false)))],
    say: () => saying(make("p", { class: "hint" }, said.tip), level.element,
      make("div", { class: "actions" }, once(`● ${said.record}`, record, { class: "primary" }))),
    saying: () => saying(make("p", { class: "recording-light" }, words.speaking.recording), level.element,
      make("div", { class: "actions" }, once(`■ ${said.stop}`, stopSaying, { class: "primary" }))),
    hear_yourself: () => [make("h2", {}, said.step(3)), make("p", {}, said.yourself),
      make("div", { class: "actions" }, once(`▶ ${said.playYourself}`, listen(agent.checkUrl), { class: "primary" })), volume.element,
      make("div", { class: "actions" }, once(said.heardYourself, answer("heard_yourself", true)),
        once(said.notYourself, answer("heard_yourself", false)), button(said.again, record, { class: "quiet" }))],
    passed: () => [make("h2", {}, said.passed),
      make("div", { class: "actions" }, once(said.go, attempt(finish), { class: "primary" }))],
  };
  return { drawers, stop: () => clearTimeout(timer) };
}

// Where nothing is spoken the workstation is only reported.
function skipCheck(root, words, report) {
  root.append(make("h1", {}, words.loading.title), make("p", {}, words.loading.keep));
  let isAsked = false;
  const ask = () => report().catch(() => setTimeout(ask, 2000));
  return {
    update() {
      if (!isAsked) ask();
      isAsked = true;
    },
  };
}

function nameBrowser() {
  const found = navigator.userAgentData?.brands?.find(({ brand }) => !/not/i.test(brand));
  return found ? `${found.brand} ${found.version}` : navigator.userAgent.slice(-80);
}
