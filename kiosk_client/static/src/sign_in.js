// Sign-in: eight big digits, 4 + 4; a wrong check digit is noticed before anything is sent.
import { make, show, write } from "./dom.js";
import { explainRefusal } from "./words.js";

// H. M. Damm's quasigroup of order 10, as in the server's contracts.
const DAMM = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"];
const DIGITS = 8;

export function isChecked(digits) {
  return [...digits].reduce((interim, digit) => DAMM[interim][Number(digit)], "0") === "0";
}

export function mountSignIn(root, { agent, words }) {
  const said = words.signIn;
  const input = make("input", {
    id: "login", class: "login", inputmode: "numeric", autocomplete: "off", spellcheck: "false", maxlength: "9",
    "aria-describedby": "login-hint login-problem", placeholder: "0000 0000",
  });
  const hint = make("p", { id: "login-hint", class: "hint" }, said.hint);
  const problem = make("p", { id: "login-problem", class: "field-error", role: "alert", hidden: true });
  const submit = make("button", { class: "primary", type: "submit" }, said.go);
  const forget = make("button", { class: "quiet", type: "button", hidden: true,
    onclick: () => agent.act("forget_server") }, words.forget);
  const complain = (text) => { write(problem, text); show(problem, Boolean(text)); input.setAttribute("aria-invalid", String(Boolean(text))); };

  const read = () => input.value.replace(/\D/g, "").slice(0, DIGITS);
  input.addEventListener("input", () => {
    const digits = read();
    input.value = digits.length > 4 ? `${digits.slice(0, 4)} ${digits.slice(4)}` : digits;
    const isWhole = digits.length === DIGITS;
    complain(isWhole && !isChecked(digits) ? said.wrong : "");
    write(hint, digits && !isWhole ? said.count(DIGITS - digits.length) : said.hint);
    submit.disabled = !isWhole || !isChecked(digits);
  });
  const go = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    write(submit, said.wait);
    complain("");
    try {
      await agent.act("sign_in", { login: read() });
    } catch (refusal) {
      complain(explainRefusal(words, refusal));
    }
    write(submit, said.go);
    submit.disabled = false;
  };
  submit.disabled = true;
  root.append(make("h1", {}, said.title), make("form", { class: "card stack sign-in", onsubmit: go },
    make("label", { for: "login" }, said.label), input, hint, problem, make("div", { class: "actions" }, submit)), forget);
  input.focus();
  return {
    update({ link }) {
      show(forget, link.refusal === "unknown_workstation");
      if (link.refusal) complain(explainRefusal(words, { code: link.refusal }));
    },
  };
}
