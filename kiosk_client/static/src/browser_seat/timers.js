// How much time is left and how often a sound may be heard: contracts/timers.py, breaks.py and plays.py in this language.
// A span is [from, to | null]; null = it goes on.

const RESUME_BACK_MS = 2000;
const SHORTEST_OUTAGE_MS = 10000;

const covers = (spans, moment) => spans.some(([from, to]) => from <= moment && (to === null || moment < to));
const edgesOf = (spans, low, high) => spans.flat().filter((edge) => edge !== null && low < edge && edge < high);

/** Exam milliseconds between two moments: stopped ones do not count, sounding ones at real speed, others at `pace`. */
export function elapsedMs(fromMs, nowMs, stopped, sounding, pace) {
  const edges = [...new Set([fromMs, nowMs, ...edgesOf(stopped, fromMs, nowMs), ...edgesOf(sounding, fromMs, nowMs)])]
    .sort((one, other) => one - other);
  let elapsed = 0;
  for (let index = 0; index + 1 < edges.length; index += 1) {
    const [start, end] = [edges[index], edges[index + 1]];
    if (!covers(stopped, start)) elapsed += (end - start) * (covers(sounding, start) ? 1 : pace);
  }
  return elapsed;
}

/** Milliseconds left on a started timer {started_at_ms, allotted_ms}, never below 0. */
export function timeLeftMs(timer, nowMs, stopped, sounding, pace, extraMs) {
  const elapsed = elapsedMs(timer.started_at_ms, Math.max(nowMs, timer.started_at_ms), stopped, sounding, pace);
  return Math.max(0, timer.allotted_ms + extraMs - elapsed);
}

/** [from, to] of an outage that is given back at once, null when it was shorter than 10 s. */
export function creditOutage(lastSignMs, backMs, autoCreditMs) {
  const length = backMs - lastSignMs;
  return length <= SHORTEST_OUTAGE_MS ? null : [backMs - Math.min(length, autoCreditMs), backMs];
}

export const playsLeft = (plays, allowed) => Math.max(0, allowed - plays.filter(({ ended }) => ended).length);

/** The hearing to start now: the interrupted one from 2 s before its last sign of life, or a new one; null = no more. */
export function nextPlay(plays, allowed) {
  const broken = plays.find(({ ended }) => !ended);
  if (broken) return { play: broken.play, position_ms: Math.max(0, broken.position_ms - RESUME_BACK_MS) };
  return plays.length >= allowed ? null : { play: plays.length + 1, position_ms: 0 };
}

export const nameBreakTimer = (number) => `break:${number}`;
export const isBreakTimer = (name) => name.startsWith("break:");
