// What the pages show, as one dictionary: kiosk_client/screens/snapshot.py in this language. A pure reading of the agent.
import { readVolume } from "./actions.js";
import { WORK_TIMER } from "./fold.js";
import { showReceiptCode } from "./receipt_code.js";
import { notNow, refuse } from "./refusals.js";
import * as route from "./route.js";
import * as rules from "./rules.js";
import { nameBreakTimer } from "./timers.js";

const VERDICT_SHOWN_MS = 15000;
const NEEDS_ORGANIZER = new Set(["silent", "too_quiet", "neighbour", "wrong_device", "no_data"]);
const REASONS = new Set(["hand", "no_sound", "microphone", "task", "computer", "leave", "unwell"]);

export function takeSnapshot(agent) {
  const { seat } = agent;
  const shown = {
    screen: chooseScreen(agent, seat), language: agent.journal.get("language") ?? "ru", link: showLink(agent, seat),
    server: showServer(agent), exit: null,
    pairing: { code: agent.pairing?.code ?? "", state: agent.pairingState, found: [location.origin] },
  };
  if (!seat) return { ...shown, machine: { looking: false, at_ms: agent.checkedMs, findings: agent.findings } };
  const { state } = seat;
  return { ...shown, candidate: { code: seat.log.signedIn.code }, assessment: showAssessment(seat),
    check: agent.checking.shown, volume: readVolume(agent), call: findLastCall(state),
    missing: agent.seating.listMissing().length, messages: listMessages(agent, seat), needs: state.needs,
    away: showAbsence(seat), work: isShown(seat) ? showWork(seat, agent) : null,
    break: seat.items.length && state.breakNow ? showBreak(seat) : null, done: state.finished ? showEnd(agent, seat) : null };
}

const isShown = ({ items, state }) => Boolean(items.length && state.started && !state.breakNow && !state.absence);

function showAbsence(seat) {
  const { absence, isPaused, pace } = seat.state;
  if (!absence) return null;
  const stands = absence.work_clock === "stands" || isPaused;
  return { from_ms: absence.from_ms, work_clock: absence.work_clock, rate: stands ? 0 : pace, work_left_ms: seat.log.leftMs(WORK_TIMER) };
}

/** The item, if it may be looked at, and the answers given to it. */
export function showItem(seat, id) {
  const item = rules.findItem(seat.items, id);
  if (!item) throw refuse("unknown_item", id);
  if (!isShown(seat) || route.judgeReach(seat.items, item, seat.state) === route.AHEAD) throw notNow("this item is not open");
  const answers = [...seat.state.responses].filter(([key]) => key.startsWith(`${id}/`))
    .map(([key, { value }]) => [key.slice(id.length + 1), value]);
  return { item, state: Object.fromEntries(answers) };
}

/** Whether a sound belongs to a listening item that is not being heard now: it can be heard in no other way. */
export function isClosedSound({ items, playing }, sha256) {
  const owners = items.filter(({ listening }) => listening?.media === sha256);
  return owners.length > 0 && !owners.some(({ id }) => id === playing?.item);
}

function chooseScreen(agent, seat) {
  if (!agent.connection) return "pairing";
  if (!seat) return "sign_in";
  if (seat.moved) return "moved";
  if (seat.state.finished) return "done";
  if (seat.state.started) return seat.items.length ? chooseRunningScreen(agent, seat.state) : "loading";
  if (!agent.getStep("checked")) return "check";
  return agent.getStep("instructed") ? "waiting" : "instruction";
}

function chooseRunningScreen(agent, state) {
  if (state.absence) return "away";
  if (state.isPaused) return "paused";
  if (state.breakNow) return "break";
  return agent.checking.isAgain ? "check" : "work";
}

function showLink({ journal, connection }, seat) {
  const head = seat ? [seat.log.lease, journal.head(seat.log.attempt, seat.log.lease).number] : [0, 0];
  const pending = seat ? countUnsavedAnswers(journal, seat) : 0;
  const parts = journal.countWaiting(seat?.log.attempt ?? null);
  const away = !connection || connection.isAway;
  const saved = away ? "offline" : pending || parts ? "here" : "server";
  return { away, refusal: connection?.refusal ?? "", pending, parts, saved, head };
}

function countUnsavedAnswers(journal, { log, state }) {
  const acked = new Map(journal.listLeases(log.attempt).map((one) => [one.lease, one.acked]));
  return [...state.responses.values(), ...state.recordings].filter(({ lease, number }) => number > (acked.get(lease) ?? 0)).length;
}

function showServer({ connection }) {
  if (!connection) return { url: location.origin, school: "", room: "", seat: "" };
  const { welcome, paired } = connection;
  return { url: location.origin, school: welcome?.school ?? paired.school, room: welcome?.room ?? "", seat: welcome?.seat ?? paired.seat };
}

function showAssessment({ log: { signedIn } }) {
  const told = signedIn.assessment;
  const positions = (told.positions ?? []).map(({ number, title, kind, listening, speaking, points, time_s, fixed }) =>
    ({ number, title, kind, listening, speaking, points, time_s, fixed: Boolean(fixed) }));
  return { title: told.title ?? {}, duration_s: told.duration_s, positions, parts: told.parts ?? [], breaks: told.breaks ?? [],
    drafts_allowed: told.drafts_allowed ?? true, instruction: told.instruction ?? {}, sound_check: Boolean(told.sound_check),
    training: signedIn.training, total_points: told.total_points };
}

function listMessages(agent, { log }) {
  const read = new Set(agent.getStep("read_messages") ?? []);
  return log.directives.filter(({ kind, number }) => kind === "message" && !read.has(number))
    .map(({ number, body, at_ms }) => ({ number, text: String(body.text ?? ""), at_ms }));
}

function showWork(seat, agent) {
  const { state, item, items } = seat;
  const { trouble } = seat.speaking;
  // In trouble the clocks stand: what it takes is given back when it ends.
  const now = trouble ? trouble.since_ms : seat.log.time.nowMs();
  return { item: state.item, stage: state.stage, work_left_ms: state.leftMs(WORK_TIMER, now), rate: findRate(seat),
    map: rules.summarize(items, state), trouble: trouble?.code ?? "", muted: seat.speaking.isMuted, playing: Boolean(seat.playing), now_ms: now,
    pace: state.pace, extra_ms: state.extra_ms, unheard: listUnheard(items, state), just_spoken: findJustSpoken(items, state, now),
    ...(item ? showStage(item, seat, now, agent) : {}) };
}

function showStage(item, seat, now, agent) {
  const { state, items } = seat;
  const speaking = item.speaking ?? {};
  const spoken = state.recordings.filter((one) => one.item === item.id && one.committed);
  return {
    stage_left_ms: state.leftMs(rules.nameTimer(item.id, state.stage), now), stage_ms: rules.allotMs(item, state.stage),
    may_answer: rules.mayAnswer(item, state, now) && route.isOpen(items, item, state, now), may_leave: rules.mayLeave(state),
    way_on: rules.nameWayOn(items, state), part: showPart(item), part_left_ms: route.countPartLeftMs(item, state, now),
    fixed_left_ms: state.leftMs(route.nameFixedTimer(item.id), now), may_finish: route.mayFinish(items, state),
    plays_left: rules.countPlaysLeft(item, state), takes_left: rules.countTakesLeft(item, state),
    early_start: Boolean(speaking.early_start), early_finish: Boolean(speaking.early_finish),
    recordings: spoken.map((one) => showRecording(one, speaking, seat, agent)),
    recording: seat.speaking.isRecording && state.stage === "speak",
  };
}

function showPart({ part }) {
  return { id: part?.id ?? "", title: part?.title ?? {}, navigation: part?.navigation ?? "free" };
}

function showRecording({ lease, number, verdict, samples, rate_hz: rate, end_reason }, { playback }, seat, agent) {
  const address = playback ? agent.findPlayback({ attempt: seat.log.attempt, lease, number }) : "";
  return { verdict, seconds: rate ? Math.floor(samples / rate) : 0, end_reason, address };
}

function showBreak(seat) {
  const { state, items } = seat;
  const [now, resting, last] = [seat.log.time.nowMs(), state.breakNow, route.findRestingItem(items, state)];
  const following = last ? rules.findFollowing(items, last.id) : null;
  return { number: resting.number, of: state.start_body.plan?.breaks?.length ?? 0, kind: resting.kind,
    left_ms: state.leftMs(nameBreakTimer(resting.number), now), rate: state.isPaused ? 0 : state.pace,
    work_clock: resting.work_clock, work_left_ms: state.leftMs(WORK_TIMER, now),
    early_end: Boolean(last?.break_after.early_end), next: following ? showPart(following).title : {} };
}

function findRate({ state, speaking }) {
  if (state.isPaused || state.finished || speaking.trouble) return 0;
  return state.sounding.some(([, to]) => to === null) ? 1 : state.pace;
}

function listUnheard(items, state) {
  return state.recordings.filter((one) => rules.TAKE_ENDS.has(one.end_reason) && NEEDS_ORGANIZER.has(one.verdict))
    .map((one) => ({ name: `${one.lease}/${one.number}`, position: rules.findItem(items, one.item)?.position, verdict: one.verdict }));
}

function findJustSpoken(items, state, now) {
  const last = state.recordings.at(-1);
  if (!last || last.ended_at_ms === null || now - last.ended_at_ms >= VERDICT_SHOWN_MS) return null;
  if (last.item === state.item || !rules.TAKE_ENDS.has(last.end_reason)) return null;
  const item = rules.findItem(items, last.item);
  return item && (item.auto_move || item.fixed_s) ? { position: item.position, verdict: last.verdict } : null;
}

function findLastCall({ incidents }) {
  const last = incidents.filter(({ kind }) => kind === "call").at(-1);
  return last ? { at_ms: last.at_ms, reason: REASONS.has(last.reason) ? last.reason : "hand" } : null;
}

function showEnd({ journal }, { log, state }) {
  const waiting = journal.countUnacked(log.attempt) + journal.countWaiting(log.attempt);
  return { receipt: showReceiptCode(log.makeReceipt()), reason: state.finish_reason, delivered: waiting === 0 };
}
