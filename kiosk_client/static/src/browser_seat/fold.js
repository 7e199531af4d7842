// The state of an attempt from the set of its events and directives: contracts/fold.py in this language, held to it by
// tests/kiosk_client/browser_seat. Keys of an object stand where Python has a dictionary.
import { isBreakTimer, timeLeftMs } from "./timers.js";

export const WORK_TIMER = "work";
const STANDS = "stands";
const CANDIDATE_KINDS = new Set([
  "answer_set", "answer_cleared", "item_entered", "item_left", "timer_started", "timer_tick", "play_started",
  "play_progress", "play_ended", "recording_started", "break_started", "break_ended", "room_left", "room_returned",
  "attempt_finished",
]);

export const keyOf = ({ generation, number }) => `${generation}.${number}`;
const compareKeys = (one, other) => one.generation - other.generation || one.number - other.number;
const isGoingOn = (spans) => spans.some(([, to]) => to === null);

class AttemptState {
  constructor() {
    Object.assign(this, {
      responses: new Map(), item: "", stage: "", visited: {}, timers: {}, plays: {}, recordings: [], files: {},
      paused: [], outages: [], breaks: new Map(), absences: [], needs: {}, extra_ms: 0, pace: 1, started: false,
      start_body: {}, finished_at_ms: null, finish_reason: "", applied: new Set(), heads: {}, opened_leases: [],
      last_at_ms: 0, incidents: [],
    });
  }

  get finished() { return this.finished_at_ms !== null; }
  get isPaused() { return isGoingOn(this.paused); }
  get breakNow() { return [...this.breaks.values()].find(({ spans }) => isGoingOn(spans)) ?? null; }
  get absence() { return this.absences.find(({ to_ms: to }) => to === null) ?? null; }

  get sounding() {
    const plays = Object.values(this.plays).flat().map((play) => [play.started_at_ms, play.ended_at_ms]);
    return [...plays, ...this.recordings.map((one) => [one.started_at_ms, one.ended_at_ms])];
  }

  /** Milliseconds left on a timer, null if it has not been started. */
  leftMs(name, nowMs) {
    const timer = this.timers[name];
    if (!timer) return null;
    const rests = isBreakTimer(name) ? [] : [...this.breaks.values()].filter((one) => one.work_clock === STANDS)
      .flatMap(({ spans }) => spans);
    const away = this.absences.filter((one) => one.work_clock === STANDS).map((one) => [one.from_ms, one.to_ms]);
    return timeLeftMs(timer, this.finished_at_ms ?? nowMs, [...this.paused, ...this.outages, ...rests, ...away],
      this.sounding, this.pace, name === WORK_TIMER ? this.extra_ms : 0);
  }
}

/** Fold events {attempt, lease, number, kind, at_ms, err_ms, body} and directives {generation, number, kind, body}. */
export function fold(events, directives = []) {
  const unique = new Map();
  for (const event of events) {
    const name = `${event.lease}/${event.number}`;
    if (!unique.has(name)) unique.set(name, event);
  }
  const ordered = [...unique.values()].sort((one, other) => one.lease - other.lease || one.number - other.number);
  const state = new AttemptState();
  const boundaries = findBoundaries(ordered, state);
  const facts = new Map(directives.map((told) => [keyOf(told), told]));
  for (const event of ordered) {
    state.heads[event.lease] = event.number;
    state.last_at_ms = Math.max(state.last_at_ms, event.at_ms);
    if (!isCounted(event, boundaries)) continue;
    STEPS[event.kind]?.(state, event);
    if (event.kind === "directive_applied" && !facts.has(keyOf(event.body))) facts.set(keyOf(event.body), event.body);
  }
  foldFacts(state, [...facts.values()].sort(compareKeys));
  return state;
}

// Lease → the latest moment at which the next opened lease can have begun.
function findBoundaries(ordered, state) {
  const opened = ordered.filter(({ kind }) => kind === "lease_opened");
  state.opened_leases = opened.map(({ lease }) => lease);
  return new Map(opened.slice(1).map((newer, index) => [opened[index].lease, newer.at_ms + newer.err_ms]));
}

function isCounted(event, boundaries) {
  if (!CANDIDATE_KINDS.has(event.kind) || !boundaries.has(event.lease)) return true;
  return event.at_ms - event.err_ms <= boundaries.get(event.lease);
}

function foldFacts(state, facts) {
  for (const { kind, body } of facts) {
    if (kind === "extra_time") state.extra_ms += Math.trunc(body.seconds ?? 0) * 1000;
    else if (kind === "credit") state.extra_ms += Math.trunc(body.ms ?? 0);
    else if (kind === "start") {
      state.start_body = body;
      state.pace = Math.trunc(body.pace ?? 1);
    } else if (kind === "needs") state.needs = body;
  }
}

function setAnswer(state, { body, lease, number, at_ms }) {
  state.responses.set(`${body.item}/${body.response}`, { value: body.value ?? null, lease, number, at_ms });
}

function enterItem(state, { body }) {
  [state.item, state.stage] = [body.item, body.stage];
  state.visited[body.item] = body.stage;
}

function startTimer(state, { body, at_ms }) {
  state.timers[body.timer] = { started_at_ms: at_ms, allotted_ms: body.allotted_ms };
}

const endSpan = (one, atMs) => {
  const [start] = one.spans.at(-1);
  return { ...one, spans: [...one.spans.slice(0, -1), [start, Math.max(start, atMs)]] };
};

function beginBreak(state, { body, at_ms }) {
  for (const one of state.breaks.values()) {
    if (isGoingOn(one.spans) && one.number !== body.break) state.breaks.set(one.number, endSpan(one, at_ms));
  }
  const known = state.breaks.get(body.break)
    ?? { number: body.break, kind: body.kind, work_clock: body.work_clock, spans: [] };
  state.breaks.set(body.break, isGoingOn(known.spans) ? known : { ...known, spans: [...known.spans, [at_ms, null]] });
}

function endBreak(state, { body, at_ms }) {
  const known = state.breaks.get(body.break);
  if (known) state.breaks.set(known.number, endSpan(known, at_ms));
}

function leaveRoom(state, { body, at_ms }) {
  if (!state.absence) state.absences = [...state.absences, { from_ms: at_ms, to_ms: null, work_clock: body.work_clock }];
}

function returnToRoom(state, { at_ms }) {
  state.absences = state.absences.map((one) => one.to_ms === null ? { ...one, to_ms: Math.max(one.from_ms, at_ms) } : one);
}

function notePlay(state, { kind, body, at_ms }) {
  const plays = state.plays[body.item] ?? [];
  const isEnd = kind === "play_ended";
  const old = plays.find(({ play }) => play === body.play)
    ?? { play: body.play, position_ms: 0, ended: false, started_at_ms: at_ms, ended_at_ms: null };
  const noted = { ...old, position_ms: Math.max(old.position_ms, body.position_ms ?? 0), ended: old.ended || isEnd,
    ended_at_ms: isEnd && !old.ended ? at_ms : old.ended_at_ms };
  state.plays[body.item] = [...plays.filter(({ play }) => play !== body.play), noted]
    .sort((one, other) => one.play - other.play);
}

function startRecording(state, { body, lease, number, at_ms }) {
  state.recordings.push({ lease, number, item: body.item, response: body.response, rate_hz: body.rate_hz,
    started_at_ms: at_ms, committed: false, ended_at_ms: null, bytes: 0, samples: 0, sha256: "", verdict: "",
    end_reason: "", gaps: 0 });
}

function commitRecording(state, { body, at_ms }) {
  const { bytes, samples, sha256, verdict, end_reason, gaps } = body;
  state.recordings = state.recordings.map((one) => one.lease === body.started[0] && one.number === body.started[1]
    ? { ...one, committed: true, ended_at_ms: at_ms, bytes, samples, sha256, verdict, end_reason, gaps } : one);
}

function keepFile(state, { body }) {
  const { sha256, bytes, type, name, item, response } = body;
  state.files[sha256] = { sha256, bytes, type, name, item, response };
}

function applyDirective(state, { body, at_ms }) {
  if (state.applied.has(keyOf(body))) return;
  state.applied.add(keyOf(body));
  if (body.kind === "start") state.started = true;
  else if (body.kind === "pause" && !state.isPaused) state.paused.push([at_ms, null]);
  else if (body.kind === "resume") state.paused = state.paused.map(([from, to]) => [from, to ?? at_ms]);
}

function noteIncident(state, { body, at_ms }) {
  state.incidents.push({ ...body, at_ms });
  if (body.kind === "outage" && Number.isInteger(body.to_ms) && Number.isInteger(body.credited_ms)) {
    state.outages.push([body.to_ms - body.credited_ms, body.to_ms]);
  }
}

function finish(state, { lease, at_ms, body }) {
  if (lease === (state.opened_leases.at(-1) ?? lease)) [state.finished_at_ms, state.finish_reason] = [at_ms, body.reason];
}

const STEPS = {
  answer_set: setAnswer, answer_cleared: setAnswer, item_entered: enterItem, break_started: beginBreak,
  break_ended: endBreak, room_left: leaveRoom, room_returned: returnToRoom, timer_started: startTimer,
  play_started: notePlay, play_progress: notePlay, play_ended: notePlay, recording_started: startRecording,
  recording_committed: commitRecording, file_kept: keepFile, directive_applied: applyDirective,
  incident_raised: noteIncident, attempt_finished: finish,
};
