// Leaving what cannot be come back to: asked once, in words that name what has no answer yet.
import { button, make, once, write } from "./dom.js";

// `ask(way, work)` opens the question; `go()` is done on yes. `way`: closing (next item or part) or break.
export function makeLeaving({ words }, go) {
  const said = words.leaving;
  const head = make("h2", { id: "leaving-ask" });
  const missing = make("p");
  const element = make("dialog", { "aria-labelledby": "leaving-ask" }, head, missing, make("p", {}, said.gone),
    make("div", { class: "actions" }, once(said.yes, async () => { element.close(); await go(); }, { class: "primary" }),
      button(said.no, () => element.close())));
  return {
    element,
    ask(way, work) {
      write(head, said.ask[way]);
      // What is closed by this step: all of a free part, one item of a linear one.
      const isWholePart = work.part.navigation === "free";
      const here = work.map.find(({ id }) => id === work.item);
      const left = work.map.filter((one) => (isWholePart ? one.part === here.part : one.id === here.id));
      const open = left.filter(({ answered }) => answered !== "all").map(({ position }) => position);
      write(missing, open.length ? words.finish.missing(open.join(", ")) : said.all);
      element.showModal();
    },
  };
}
