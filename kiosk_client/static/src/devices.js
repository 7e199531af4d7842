// Which microphone and which headphones: the system's own names, with what the system says of each.
import { make, show, write } from "./dom.js";
import { explainRefusal } from "./words.js";

const DIRECTIONS = ["input", "output"];

export function makeDevices({ agent, words }) {
  const said = words.devices;
  const problem = make("p", { class: "field-error", role: "alert", hidden: true });
  const selects = Object.fromEntries(DIRECTIONS.map((name) => [name, make("select", { id: `device-${name}` })]));
  const fields = DIRECTIONS.map((name) => make("div", { class: "field" }, make("label", { for: `device-${name}` }, said[name]), selects[name]));
  const element = make("details", { class: "devices" }, make("summary", {}, said.title), ...fields, problem);

  const complain = (refusal) => {
    write(problem, refusal ? words.troubles[refusal.code] ?? explainRefusal(words, refusal) : "");
    show(problem, Boolean(refusal));
  };
  const attempt = async (action) => {
    complain(null);
    try {
      return await action();
    } catch (refusal) {
      if (refusal.code) complain(refusal);
      return null;
    }
  };
  const load = () => attempt(async () => {
    const found = await agent.act("list_devices");
    for (const name of DIRECTIONS) draw(selects[name], found[name], said);
  });
  for (const name of DIRECTIONS) {
    selects[name].addEventListener("change", async () => {
      await attempt(() => agent.act("choose_device", { direction: name, key: selects[name].value }));
      await load();
    });
  }
  element.addEventListener("toggle", () => element.open && load());
  return { element, load: () => element.open && load() };
}

function draw(select, devices, said) {
  select.replaceChildren(...(devices.length ? devices : [{ key: "", name: said.none, state: "ready", is_chosen: true }]).map(
    ({ key, name, state }) => make("option", { value: key }, said.states[state] ? `${name}: ${said.states[state]}` : name)));
  select.value = devices.find(({ is_chosen: isChosen }) => isChosen)?.key ?? devices[0]?.key ?? "";
  select.disabled = devices.length < 1;
}
