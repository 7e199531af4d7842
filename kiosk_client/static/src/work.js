// The work: items with their clocks, the map, the saved mark, the way to the organizer and to the end.
import { Gone } from "./agent.js";
import { makeBar } from "./bar.js";
import { make, show } from "./dom.js";
import { mountFinish } from "./finish.js";
import { mountOneItem } from "./item.js";
import { makeMap } from "./map.js";
import { makeNotes } from "./notes.js";
import { explainRefusal } from "./words.js";

// So that a reload at the last screen comes back to it.
const FINISHING = "finishing";

export function mountWork(root, context) {
  const { agent, words } = context;
  const bar = makeBar(context);
  const map = makeMap(context, (id) => walk(() => agent.act("go", { item: id })));
  const page = make("div", { class: "work-page" });
  let latest = null;
  let shown = null;
  let isFinishing = sessionStorage.getItem(FINISHING) === context.state.candidate.code;
  let problem = "";
  let isOfSaving = false;

  const complain = (refusal) => {
    // That nobody answers is said by the page as a whole.
    problem = refusal && !(refusal instanceof Gone) ? explainRefusal(words, refusal) : "";
    if (latest) update(latest);
  };
  async function walk(action) {
    complain(null);
    try {
      await action();
      setFinishing(false);
    } catch (refusal) {
      complain(refusal);
    }
    if (latest) update(latest);
  }
  const setFinishing = (isOn) => {
    isFinishing = isOn;
    sessionStorage.setItem(FINISHING, isOn ? context.state.candidate.code : "");
  };
  const openFinish = () => { setFinishing(true); update(latest); };
  const inner = { ...context, complain, walk, openFinish, closeFinish: () => { setFinishing(false); update(latest); } };
  const notes = makeNotes(context, inner);
  root.append(bar.element, map.element, notes.element, page);

  function update(state) {
    latest = state;
    const { work } = state;
    if (!work) return;
    // What could not be saved for a while and is saved now is no problem any more.
    if (isOfSaving && !agent.unsaved) [problem, isOfSaving] = ["", false];
    if (!work.may_leave) isFinishing = false;
    const key = isFinishing ? "finish" : work.item;
    if (key !== shown?.key) {
      shown?.screen.destroy?.();
      page.replaceChildren();
      scrollTo(0, 0);
      shown = { key, screen: isFinishing ? mountFinish(page, inner) : mountOneItem(page, inner, work.item) };
    }
    bar.update(state, agent.unsaved);
    map.update(work, isFinishing);
    // Nobody walks away from a spoken answer: the room of the map goes to the text that is read.
    show(map.element, isFinishing || work.may_leave !== false);
    notes.update(state, problem);
    shown.screen.update(state);
  }
  return {
    update,
    level: (level) => shown?.screen.level?.(level),
    refused(entry, error, isFinal) {
      isOfSaving = !isFinal;
      complain(error);
      if (isFinal) shown?.screen.remount?.();
    },
    destroy() {
      bar.destroy();
      shown?.screen.destroy?.();
    },
  };
}
