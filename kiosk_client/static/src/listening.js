// Listening: time to read, then a limited number of hearings. The agent journals a hearing before sound starts.
import { Countdown, everyQuarter, formatTime } from "./clock.js";
import { make, once, show, write } from "./dom.js";
import { makeSound, makeVolume } from "./volume.js";

const PROGRESS_MS = 1000;

export function makeListening(context, item) {
  const { agent, words, complain } = context;
  const said = words.listening;
  const hint = make("p", { class: "stage-hint" });
  const time = make("span", { class: "stage-time", role: "timer" });
  const left = make("p", { class: "hint", role: "status" });
  const bar = make("progress", { max: "1", value: "0", "aria-label": said.playing });
  const start = once(`▶ ${said.play}`, begin, { class: "primary" });
  const volume = makeVolume(context);
  const element = make("section", { class: "stage stage-listening", "aria-label": words.kinds.listening({}) }, hint, time, bar,
    make("div", { class: "stage-foot" }, start, left, volume.element));
  const clock = new Countdown();
  let stage = "";
  let hearing = null;
  let isBroken = false;
  let latest = null;
  const drawTime = () => stage === "read" && clock.isSet && write(time, formatTime(clock.left()));
  const stopClock = everyQuarter(() => {
    drawTime();
    if (hearing) bar.value = hearing.sound.duration ? hearing.sound.currentTime / hearing.sound.duration : 0;
  });

  async function begin() {
    isBroken = false;
    complain(null);
    try {
      const told = await agent.act("play", { item: item.id });
      await listen(told);
    } catch (refusal) {
      if (refusal.code) complain(refusal);
    }
  }

  async function listen({ play, position_ms: position, media }) {
    const sound = makeSound(agent.mediaUrl(media));
    const name = { item: item.id, play };
    const tell = () => agent.act("play_progress", { ...name, position_ms: Math.round(sound.currentTime * 1000) }).catch(() => undefined);
    hearing = { sound, name, timer: setInterval(tell, PROGRESS_MS) };
    if (latest) update(latest);
    sound.currentTime = position / 1000;
    sound.onended = () => settle(() => agent.act("play_ended", { ...name, position_ms: Math.round(sound.currentTime * 1000) }));
    sound.onerror = () => breakOff();
    try {
      await sound.play();
    } catch {
      breakOff();
    }
  }

  async function settle(tell) {
    if (!hearing) return;
    const { sound, timer } = hearing;
    clearInterval(timer);
    sound.onended = sound.onerror = null;
    sound.pause();
    hearing = null;
    await tell().catch(() => undefined);
  }

  function breakOff() {
    if (!hearing) return;
    const { name } = hearing;
    isBroken = true;
    settle(() => agent.act("play_broken", name));
  }

  function update(state) {
    latest = state;
    const { work } = state;
    volume.update(state);
    stage = work.stage;
    clock.set(work.stage_left_ms, work.rate);
    drawTime();
    // A hearing the agent no longer knows of (a pause, the end, a restart) must not be heard on.
    if (hearing && !work.playing && performance.now() - (hearing.since ??= performance.now()) > 1500) settle(async () => undefined);
    const isReading = stage === "read";
    const isIdle = stage === "listen" && !hearing && !work.playing && work.plays_left > 0;
    write(hint, isReading ? said.read : hearing || work.playing ? said.playing : isBroken ? said.broken : "");
    show(hint, Boolean(hint.textContent));
    show(time, isReading);
    show(bar, Boolean(hearing));
    show(start, isIdle);
    write(left, isReading ? "" : work.plays_left ? said.left(work.plays_left) : said.none);
  }

  return {
    element,
    update,
    destroy() {
      stopClock();
      breakOff();
    },
  };
}
