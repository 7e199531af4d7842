// Sign-in: the login from the slip.
import { make, show } from "./dom.js";
import { makeLoginForm } from "./login_field.js";
import { explainRefusal } from "./words.js";

export function mountSignIn(root, { agent, words }) {
  const said = words.signIn;
  const form = makeLoginForm({ words, label: said.label, go: said.go, wait: said.wait }, (login) => agent.act("sign_in", { login }));
  const forget = make("button", { class: "quiet", type: "button", hidden: true,
    onclick: () => agent.act("forget_server") }, words.forget);
  root.append(make("h1", {}, said.title), form.element, forget);
  form.focus();
  return {
    update({ link }) {
      show(forget, link.refusal === "unknown_workstation");
      if (link.refusal) form.complain(explainRefusal(words, { code: link.refusal }));
    },
  };
}
