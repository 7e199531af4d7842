// Eight big digits, 4 + 4: a wrong check digit is noticed before anything is sent.
import { make, show, write } from "./dom.js";
import { explainRefusal } from "./words.js";

// H. M. Damm's quasigroup of order 10, as in the server's contracts.
const DAMM = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"];
const DIGITS = 8;

export function isChecked(digits) {
  return [...digits].reduce((interim, digit) => DAMM[interim][Number(digit)], "0") === "0";
}

// A form that asks for the login and hands its digits to `submit`; refusals are told beside the field.
export function makeLoginForm({ words, label, go, wait }, submit) {
  const said = words.signIn;
  const input = make("input", {
    id: "login", class: "login", inputmode: "numeric", autocomplete: "off", autocapitalize: "off", autocorrect: "off",
    spellcheck: "false", maxlength: "9", "aria-describedby": "login-hint login-problem", placeholder: "0000 0000",
  });
  const hint = make("p", { id: "login-hint", class: "hint" }, said.hint);
  const problem = make("p", { id: "login-problem", class: "field-error", role: "alert", hidden: true });
  const press = make("button", { class: "primary", type: "submit" }, go);
  const complain = (text) => {
    write(problem, text);
    show(problem, Boolean(text));
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  const read = () => input.value.replace(/\D/g, "").slice(0, DIGITS);
  const isWhole = (digits) => digits.length === DIGITS;
  input.addEventListener("input", () => {
    const digits = read();
    input.value = digits.length > 4 ? `${digits.slice(0, 4)} ${digits.slice(4)}` : digits;
    complain(isWhole(digits) && !isChecked(digits) ? said.wrong : "");
    write(hint, digits && !isWhole(digits) ? said.count(DIGITS - digits.length) : said.hint);
    press.disabled = !isWhole(digits) || !isChecked(digits);
  });
  const onsubmit = async (event) => {
    event.preventDefault();
    press.disabled = true;
    write(press, wait);
    complain("");
    try {
      await submit(read());
    } catch (refusal) {
      complain(explainRefusal(words, refusal));
    }
    write(press, go);
    press.disabled = false;
  };
  press.disabled = true;
  const element = make("form", { class: "card stack sign-in", onsubmit },
    make("label", { for: "login" }, label), input, hint, problem, make("div", { class: "actions" }, press));
  return { element, complain, focus: () => input.focus() };
}
