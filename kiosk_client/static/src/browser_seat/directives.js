// What each kind of directive does at the seat: kiosk_client/seat_directives.py in this language. An unknown kind is
// answered `unsupported`, never ignored.
import { WORK_TIMER } from "./fold.js";
import * as route from "./route.js";
import * as rules from "./rules.js";

/** Keys stay out of it: events travel further than keys should. */
export function draftApplied({ generation, number, kind, body }, result = "done") {
  const { keys, ...rest } = body;
  return { kind: "directive_applied", body: { generation, number, kind, body: rest, result } };
}

export async function applyDirective(seat, directive) {
  const step = STEPS[directive.kind];
  if (step) await step(seat, directive);
  else await seat.log.append(draftApplied(directive, "unsupported"));
}

const note = (seat, directive) => seat.log.append(draftApplied(directive));

async function start(seat, directive) {
  const { state } = seat;
  const drafts = [draftApplied(directive)];
  if (!(WORK_TIMER in state.timers)) {
    drafts.push({ kind: "timer_started", body: { timer: WORK_TIMER, allotted_ms: directive.body.duration_s * 1000 } });
  }
  const [first] = seat.items;
  if (!state.item && first) drafts.push(...rules.enterStage(first, rules.firstStage(first), state));
  await seat.log.append(...drafts);
}

async function pause(seat, directive) {
  await seat.log.append(...await seat.pauseSound(), draftApplied(directive));
}

async function resume(seat, directive) {
  await note(seat, directive);
  await seat.goOnAfterPause();
}

async function leaveRoom(seat, directive) {
  await note(seat, directive);
  await seat.sendOut("organizer");
}

async function returnToRoom(seat, directive) {
  await note(seat, directive);
  if (seat.state.absence) await seat.comeIn("organizer");
}

async function nextItem(seat, directive) {
  const drafts = [...await seat.speaking.stop("organizer"), draftApplied(directive)];
  const last = rules.findItem(seat.items, directive.body.item || seat.state.item);
  await seat.log.append(...drafts);
  if (seat.state.breakNow) await seat.walking.leaveBreak("organizer");
  else if (last && seat.state.started) await seat.walking.passOn(last);
}

async function repeatItem(seat, directive) {
  const item = rules.findItem(seat.items, directive.body.item || seat.state.item);
  const drafts = [...await seat.speaking.stop("organizer"), draftApplied(directive)];
  if (item) {
    seat.playing = null;
    drafts.push(...route.endBreak(seat.state, "organizer"));
    drafts.push(...rules.enterStage(item, rules.firstStage(item), seat.state, true));
  }
  await seat.log.append(...drafts);
}

async function move(seat, directive) {
  const leaves = Math.trunc(directive.body.lease ?? 0) > seat.log.lease;
  await seat.log.append(...(leaves ? await seat.speaking.stop("moved") : []), draftApplied(directive));
  if (leaves) await seat.leaveForOtherSeat();
}

async function finish(seat, directive) {
  await note(seat, directive);
  if (seat.state.started) await seat.finish("organizer");
}

const STEPS = {
  start, pause, resume, extra_time: note, credit: note, next_item: nextItem, repeat_item: repeatItem, move, finish,
  message: note, needs: note, leave_room: leaveRoom, return_to_room: returnToRoom,
};
