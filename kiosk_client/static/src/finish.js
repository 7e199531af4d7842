// The end: what is answered, what is not; finishing is asked once, in words that name what is lost.
import { button, make, once, state as shape, write } from "./dom.js";

const SHAPES = { all: "ready", some: "attention", none: "waiting" };

export function mountFinish(root, { agent, words, walk, closeFinish, complain }) {
  const said = words.finish;
  const body = make("tbody");
  const heads = [said.number, said.state].map((text) => make("th", { scope: "col" }, text));
  const missing = make("p");
  const dialog = make("dialog", { "aria-labelledby": "finish-ask" }, make("h2", { id: "finish-ask" }, said.ask), missing,
    make("p", {}, said.gone), make("div", { class: "actions" }, once(said.yes, finish, { class: "primary" }),
      button(said.no, () => dialog.close())));
  const what = make("p");
  root.append(make("h1", { tabindex: "-1" }, said.title), what,
    make("table", { class: "sheet overview" }, make("thead", {}, make("tr", {}, heads)), body), dialog,
    make("div", { class: "foot" }, button(`← ${said.back}`, closeFinish),
      button(said.go, () => dialog.showModal(), { class: "primary" })));
  root.querySelector("h1").focus({ preventScroll: true });

  async function finish() {
    try {
      await agent.act("finish");
    } catch (refusal) {
      complain(refusal);
    }
    dialog.close();
  }
  let shown = "";
  return {
    update({ work }) {
      const key = JSON.stringify(work.map);
      if (key === shown) return;
      shown = key;
      write(what, work.map.some(({ reach }) => reach === "closed") ? said.whatOfPart : said.what);
      body.replaceChildren(...work.map.map((one) => make("tr", {},
        make("th", { scope: "row" }, one.reach === "open"
          ? button(words.work.item(one.position), () => walk(() => agent.act("go", { item: one.id })), { class: "quiet" })
          : words.work.item(one.position)),
        make("td", {}, shape(SHAPES[one.answered], words.work.answered[one.answered]),
          one.reach === "closed" ? make("span", { class: "hint more" }, words.work.reach.closed) : null,
          one.recordings ? make("span", { class: "hint more" }, said.spoken(one.recordings)) : null))));
      const open = work.map.filter(({ answered }) => answered !== "all").map(({ position }) => position);
      write(missing, open.length ? said.missing(open.join(", ")) : said.all);
    },
  };
}
