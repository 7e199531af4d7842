// What the program found out about this computer: a list for the technician, what is wrong first. The sentences come
// from the agent in both languages; the few words around them live here, beside the only screen that shows them.
import { make, once, show, state, write } from "./dom.js";

const WORDS = {
  ru: { title: "Проверка компьютера", again: "Проверить ещё раз", looking: "Проверяю…",
    good: (count) => `В порядке: ${count}`, stop: "исправить", attention: "обратить внимание" },
  en: { title: "Check of the computer", again: "Check again", looking: "Checking…",
    good: (count) => `Fine: ${count}`, stop: "put right", attention: "look at" },
};
const STYLES = { stop: "stopped", attention: "attention" };

export function mountMachine({ agent, language }) {
  const said = WORDS[language] ?? WORDS.ru;
  const look = () => agent.act("look_at_machine", { screen: `${screen.width}x${screen.height}` });
  const status = make("p", { class: "hint", role: "status" });
  const troubles = make("ul", { class: "findings" });
  const good = make("ul", { class: "findings" });
  const count = make("summary");
  const rest = make("details", {}, count, good);
  const root = make("section", { class: "card stack", id: "machine", "aria-labelledby": "machine-title" },
    make("h2", { id: "machine-title" }, said.title), status, troubles, rest,
    make("div", { class: "actions" }, once(said.again, look, { class: "quiet" })));
  let shown = "";
  look().catch(() => write(status, ""));

  const line = (finding) => make("li", {},
    finding.word === "good" ? null : state(STYLES[finding.word], said[finding.word]), " ", finding[language]);
  return {
    root,
    update({ machine }) {
      const findings = machine?.findings ?? [];
      show(root, Boolean(findings.length || machine?.looking));
      write(status, machine?.looking ? said.looking : "");
      const key = JSON.stringify(findings);
      if (key === shown) return;
      shown = key;
      const fine = findings.filter(({ word }) => word === "good");
      troubles.replaceChildren(...findings.filter(({ word }) => word !== "good").map(line));
      good.replaceChildren(...fine.map(line));
      write(count, said.good(fine.length));
      show(rest, fine.length > 0);
    },
  };
}
