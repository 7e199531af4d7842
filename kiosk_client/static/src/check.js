// The sound check: hear a phrase, say a phrase, hear yourself. The microphone is the agent's, not the page's.
import { button, make, once, show, write } from "./dom.js";
import { makeLevelBar } from "./level.js";
import { explainRefusal } from "./words.js";

const LONGEST_MS = 8000;

export function mountCheck(root, context) {
  const { agent, words, language, state } = context;
  const report = () => agent.act("report_check", { screen: `${screen.width}×${screen.height}`, browser: nameBrowser() });
  if (!state.assessment.sound_check) return skipCheck(root, words, report);
  const said = words.check;
  const title = make("h1", { tabindex: "-1" }, said.title);
  const steps = make("ol", { class: "steps" }, ["hear", "say", "yourself"].map((name) => make("li", {}, said[name])));
  const card = make("section", { class: "card stack" });
  const verdict = make("p", { class: "verdict", role: "status" });
  const help = make("p", { class: "notice", hidden: true }, said.person);
  const level = makeLevelBar(words);
  root.append(title, steps, card, verdict, help);
  let drawn = "";
  let timer = null;

  const tell = (text) => write(verdict, text);
  const attempt = (action) => async () => {
    try {
      await action();
    } catch (refusal) {
      tell(words.troubles[refusal.code] ?? explainRefusal(words, refusal));
    }
  };
  const listen = (path) => attempt(() => play(path));
  const stop = attempt(() => { clearTimeout(timer); return agent.act("end_saying"); });
  const record = attempt(async () => {
    tell("");
    await agent.act("begin_saying");
    timer = setTimeout(stop, LONGEST_MS);
  });

  const drawers = {
    hear: () => [make("h2", {}, said.step(1)), make("p", {}, said.hear),
      make("div", { class: "actions" }, once(`▶ ${said.play}`, listen(`/static/phrase-${language}.ogg`), { class: "primary" })),
      make("div", { class: "actions" }, once(said.heard, attempt(() => agent.act("heard_phrase", { yes: true }))),
        once(said.notHeard, attempt(() => agent.act("heard_phrase", { yes: false }))))],
    say: () => [make("h2", {}, said.step(2)), make("p", {}, said.say), make("p", { class: "phrase" }, said.phrase),
      level.element, make("div", { class: "actions" }, once(`● ${said.record}`, record, { class: "primary" }))],
    saying: () => [make("h2", {}, said.step(2)), make("p", {}, said.say), make("p", { class: "phrase" }, said.phrase),
      make("p", { class: "recording-light" }, words.speaking.recording), level.element,
      make("div", { class: "actions" }, once(`■ ${said.stop}`, stop, { class: "primary" }))],
    hear_yourself: () => [make("h2", {}, said.step(3)), make("p", {}, said.yourself),
      make("div", { class: "actions" }, once(`▶ ${said.playYourself}`, listen("/v1/check.wav"), { class: "primary" })),
      make("div", { class: "actions" }, once(said.heardYourself, attempt(() => agent.act("heard_yourself", { yes: true }))),
        once(said.notYourself, attempt(() => agent.act("heard_yourself", { yes: false }))), button(said.again, record, { class: "quiet" }))],
    passed: () => [make("h2", {}, said.passed),
      make("div", { class: "actions" }, once(said.go, attempt(report), { class: "primary" }))],
  };
  const order = ["hear", "say", "hear_yourself", "passed"];
  return {
    level: (heard) => level.set(heard),
    update({ check }) {
      const name = check.saying ? "saying" : check.step;
      [...steps.children].forEach((line, place) => {
        line.className = place < order.indexOf(check.step) ? "step-done" : place === order.indexOf(check.step) ? "step-now" : "";
      });
      show(help, check.needs_person);
      const told = check.saying ? "" : said.problems[check.problem] || words.verdicts[check.verdict] || "";
      if (drawn !== name || told) tell(told);
      if (drawn === name) return;
      drawn = name;
      card.replaceChildren(...drawers[name]());
      card.querySelector(".primary")?.focus();
    },
    destroy: () => clearTimeout(timer),
  };
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

export function play(path) {
  const sound = new Audio(`${path}?${Date.now()}`);
  return new Promise((resolve, reject) => {
    sound.onended = resolve;
    sound.onerror = () => reject(new Error("sound"));
    sound.play().catch(reject);
  });
}

function nameBrowser() {
  const found = navigator.userAgentData?.brands?.find(({ brand }) => !/not/i.test(brand));
  return found ? `${found.brand} ${found.version}` : navigator.userAgent.slice(-80);
}
