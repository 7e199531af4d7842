// The map of the work: one numbered button an item; answered, in part, not, no way back: by shape and word.
import { make } from "./dom.js";

export function makeMap({ words }, go) {
  const said = words.work;
  const list = make("ol", { class: "map" });
  const element = make("nav", { class: "map-frame", "aria-label": said.map }, list);
  let buttons = [];
  const build = (map) => {
    buttons = map.map(({ id, position }) => make("button", { type: "button", onclick: () => go(id) }, String(position)));
    const isFirstOfPart = (place) => place > 0 && map[place].part !== map[place - 1].part;
    list.replaceChildren(...buttons.map((one, place) => make("li", { class: isFirstOfPart(place) && "map-part" }, one)));
  };
  return {
    element,
    update({ map, item, may_leave: mayLeave }, isFinishing) {
      if (buttons.length !== map.length) build(map);
      map.forEach(({ id, position, answered, reach }, place) => {
        const isHere = id === item && !isFinishing;
        const one = buttons[place];
        const label = [`${said.item(position)}: ${said.answered[answered]}`, isHere && said.current, said.reach[reach]];
        one.className = `map-${answered} map-is-${reach}${isHere ? " map-here" : ""}`;
        one.disabled = reach !== "open" || (!mayLeave && id !== item);
        one.setAttribute("aria-label", label.filter(Boolean).join(", "));
        one.title = said.reach[reach] ?? "";
        if (isHere) one.setAttribute("aria-current", "step"); else one.removeAttribute("aria-current");
      });
    },
  };
}
