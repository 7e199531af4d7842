// The bar of the work: its name, a clock that calms, time that was added, the saved mark, the way to the organizer.
import { makeCall } from "./call.js";
import { Countdown, everyQuarter, formatCalmly } from "./clock.js";
import { make, say, show, write } from "./dom.js";
import { inLanguage } from "./plain.js";

const ANNOUNCED_MINUTES = [10, 5, 1];
const SHORT_MINUTES = 5;
const SAVED_SHAPES = { saving: "waiting", here: "running", server: "ready", offline: "offline" };

export function makeBar(context) {
  const { words, language } = context;
  const said = words.work;
  const name = make("span", { class: "bar-name" });
  const time = make("span", { class: "bar-time", role: "timer", "aria-live": "off" });
  const extra = make("span", { class: "bar-extra", hidden: true });
  const saved = make("span", { class: "state", id: "saved", role: "status" });
  const call = makeCall(context);
  const element = make("div", { class: "bar" }, name, make("span", { class: "bar-left" }, said.left, " ", time), extra, saved,
    make("span", { class: "bar-call" }, call.element));
  const clock = new Countdown();
  const announce = makeAnnouncements(said);
  const stop = everyQuarter(() => {
    if (!clock.isSet) return;
    write(time, formatCalmly(clock.left(), words));
    time.classList.toggle("time-short", clock.left() <= SHORT_MINUTES * 60_000);
    announce(clock.left());
  });
  let added = null;
  const drawExtra = (extraMs, percent) => {
    const minutes = Math.round(extraMs / 60_000);
    const told = [percent ? said.extraPercent(percent) : "", minutes > 0 ? said.extra(minutes) : ""].filter(Boolean);
    write(extra, told.join(", "));
    show(extra, told.length > 0);
    if (added !== null && extraMs > added) say(said.added(Math.round((extraMs - added) / 60_000)));
    added = extraMs;
  };
  return {
    element,
    destroy: stop,
    update(state, unsaved) {
      const { assessment, work, link, needs } = state;
      write(name, inLanguage(assessment.title, language));
      clock.set(work.work_left_ms, work.rate);
      if (clock.isSet) write(time, formatCalmly(clock.left(), words));
      drawExtra(work.extra_ms ?? 0, needs?.extra_percent);
      const mark = unsaved ? "saving" : link.saved;
      saved.className = `state state-${SAVED_SHAPES[mark]}`;
      saved.dataset.saved = mark;
      write(saved, said[mark]);
      call.update(state);
    },
  };
}

// Told aloud once each: ten, five minutes, one.
function makeAnnouncements(said) {
  let announced = Infinity;
  return (leftMs) => {
    const minutes = Math.ceil(leftMs / 60_000);
    const due = ANNOUNCED_MINUTES.find((one) => minutes <= one && one < announced && leftMs > 0);
    if (due === undefined) return;
    if (minutes === due) say(said.minutes(due));
    announced = Math.min(announced, due);
  };
}
