// What the pages may ask of this agent: kiosk_client/screens/actions.py in this language. Every action answers with a
// dictionary or nothing; refusals have a code.
import { notNow } from "./refusals.js";

const FULL_VOLUME = 100;

export const readVolume = (agent) => agent.getStep("volume") ?? FULL_VOLUME;

async function reportCheck(agent, { screen, browser }) {
  const { assessment } = agent.requireSeat().log.signedIn;
  const { state } = agent.checking;
  if (assessment.sound_check && state.step !== "passed") throw notNow("the sound check is not passed");
  await agent.report({ screen, browser, verdict: state.verdict ?? "" });
  await agent.sendPhrase();
  await agent.setStep("checked");
}

async function returnToRoom(agent, { login }) {
  agent.seating.checkLogin(login);
  await agent.requireSeat().comeIn();
}

async function dismissMessage(agent, { number }) {
  await agent.setStep("read_messages", [...new Set([...(agent.getStep("read_messages") ?? []), number])]);
}

// Pair anew: a fresh page knows no server.
async function forgetServer({ journal, seat }) {
  if (seat?.isRunning) throw notNow("the work goes on");
  await journal.set("paired", null);
  location.reload();
}

const ofSeat = (work) => async (agent, body) => work(agent.requireSeat(), body);

const ACTIONS = {
  begin_pairing: async (agent) => ({ code: await agent.beginPairing() }),
  confirm_pairing: (agent, { yes }) => agent.confirmPairing(yes),
  set_language: (agent, { language }) => agent.journal.set("language", language),
  forget_server: forgetServer,
  sign_in: (agent, { login }) => agent.signIn(login),
  leave: (agent) => agent.seating.leave(),
  heard_phrase: (agent, { yes }) => agent.checking.answerHeard(yes),
  begin_saying: (agent) => agent.checking.beginSaying(),
  end_saying: (agent) => agent.checking.endSaying(),
  check_again: (agent) => agent.checking.beginAgain(),
  end_check_again: (agent) => agent.checking.endAgain(),
  list_devices: (agent) => agent.checking.listDevices(),
  choose_device: (agent, { direction, key }) => agent.checking.chooseDevice(direction, key),
  set_volume: (agent, { percent }) => agent.setStep("volume", percent),
  heard_yourself: (agent, { yes }) => agent.checking.answerHeardYourself(yes),
  report_check: reportCheck,
  look_at_machine: (agent) => agent.lookSoon(),
  instructed: (agent) => agent.setStep("instructed"),
  answer: ofSeat((seat, { item, response, value }) => seat.answer(item, response, value)),
  go: ofSeat((seat, { item }) => seat.walking.go(seat.find(item))),
  go_on: ofSeat(async (seat) => ({ moved: await seat.walking.goOn() })),
  end_break: ofSeat((seat) => seat.walking.endBreak()),
  play: (agent, { item }) => agent.requireSeat().play(item, readVolume(agent)),
  play_progress: ofSeat((seat, { item, play, position_ms: position }) => seat.playProgress(item, play, position)),
  play_ended: ofSeat((seat, { item, play }) => seat.playEnded(item, play)),
  play_broken: ofSeat((seat, { item, play }) => seat.playBroken(item, play)),
  prepare: ofSeat((seat) => seat.prepare()),
  speak: ofSeat((seat) => seat.speak()),
  stop_speaking: ofSeat((seat) => seat.stopSpeaking()),
  speak_again: ofSeat((seat) => seat.speakAgain()),
  retry_microphone: ofSeat((seat) => seat.retryMicrophone()),
  call: ofSeat((seat, { reason = "hand" }) => seat.call(reason)),
  leave_room: ofSeat((seat) => seat.leaveRoom()),
  return_to_room: returnToRoom,
  dismiss_message: dismissMessage,
  focus_lost: ofSeat((seat, { times = 1, away_ms = 0 }) => seat.noteGuarded("focus_lost", { times, away_ms })),
  screen_changed: ofSeat((seat, body) => seat.noteGuarded("screen_changed", {
    change: body.change, width: body.width, height: body.height, is_full: body.is_full ?? true, is_extended: body.is_extended ?? false })),
  finish: ofSeat((seat) => seat.finish()),
};

/** What needs no turn: it waits for people or the network and changes no seat. */
const BESIDE = new Set(["begin_pairing", "confirm_pairing", "look_at_machine", "list_devices"]);

export function act(agent, name, body) {
  const action = ACTIONS[name];
  if (!action) throw notNow(`${name} is not for a seat without installation`);
  const work = async () => ({ ok: true, ...await action(agent, body) });
  return BESIDE.has(name) ? work().finally(() => agent.notify()) : agent.alone(work);
}
