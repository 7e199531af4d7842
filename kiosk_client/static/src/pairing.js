// Pairing: the six digits of this workstation, compared by two people.
import { button, make, once, show, write } from "./dom.js";
import { mountMachine } from "./machine.js";
import { explainRefusal } from "./words.js";

// Whose server it is, before anybody pairs: a school may have several in one network.
function nameServer(url, place) {
  const said = [place?.school, place?.room].filter(Boolean).join(", ");
  return said ? `${said} — ${url}` : url;
}

export function mountPairing(root, { agent, words, state, language }) {
  const said = words.pairing;
  const problem = make("p", { class: "trouble", role: "alert", hidden: true });
  const address = make("input", { id: "address", type: "url", value: state.server.url, autocomplete: "off", spellcheck: "false" });
  const found = make("p", { class: "hint" });
  const digits = make("p", { class: "digits", id: "digits" });
  const status = make("p", { class: "status", role: "status" });

  const attempt = async (action) => {
    show(problem, false);
    try {
      await action();
    } catch (refusal) {
      write(problem, explainRefusal(words, refusal));
      show(problem, true);
    }
  };
  const begin = () => attempt(() => agent.act("begin_pairing", { server: address.value.trim() }));
  const confirm = (yes) => attempt(() => agent.act("confirm_pairing", { yes }));

  const ask = make("form", { class: "card stack", onsubmit: (event) => { event.preventDefault(); begin(); } },
    make("div", { class: "field" }, make("label", { for: "address" }, said.address), address), found,
    make("div", { class: "actions" }, make("button", { class: "primary", type: "submit" }, said.begin)));
  const again = once(said.again, begin, { class: "primary" });
  const answers = make("div", { class: "actions" }, once(said.yes, () => confirm(true), { class: "primary" }),
    once(said.no, () => confirm(false)));
  const code = make("section", { class: "card stack", "aria-labelledby": "code-name" },
    make("h2", { id: "code-name" }, said.code), digits, make("p", {}, said.type), status, answers, again);
  const machine = mountMachine({ agent, language });
  root.append(make("h1", {}, said.title), make("p", {}, said.what), problem, ask, code, machine.root);
  let offered = "";
  return {
    update(latest) {
      const { pairing } = latest;
      machine.update(latest);
      const isShown = Boolean(pairing.code);
      show(ask, !isShown);
      show(code, isShown);
      write(digits, pairing.code ? `${pairing.code.slice(0, 3)} ${pairing.code.slice(3)}` : "");
      write(status, { waiting: said.wait, green: said.green, red: said.red }[pairing.state] ?? "");
      status.className = `status status-${pairing.state}`;
      show(answers, pairing.state === "green");
      show(again, pairing.state === "red");
      const servers = pairing.found ?? [];
      const names = servers.map((url) => nameServer(url, pairing.places?.[url]));
      if (names.join() !== offered || !found.hasChildNodes()) {
        offered = names.join();
        const buttons = servers.map((url, place) => button(names[place], () => { address.value = url; begin(); }, { class: "quiet" }));
        found.replaceChildren(servers.length ? `${said.found}: ` : said.none, ...buttons);
        if (servers.length === 1 && !address.value) [address.value] = servers;
      }
    },
  };
}
