// One sitting for a coordinator: every seat with its state, those who need a person first. Seats, not people.
import {ago, follow, make, state} from "./_boards.js";

const root = document.getElementById("live-sitting");
const texts = JSON.parse(root.dataset.texts);
const WORDS = {started: "running", reopened: "running", paused: "waiting", interrupted: "attention", finished: "ready",
  absent: "stopped", spoiled: "stopped", assigned: "waiting", seated: "waiting", checked: "waiting"};
const ENDED = new Set(["finished", "absent", "spoiled", "transferred"]);
const TROUBLE = new Set(["silent", "too_quiet", "neighbour", "wrong_device", "no_data"]);

const needsPerson = (seat) => seat.state === "interrupted" || TROUBLE.has(seat.verdict);

function showLeft(seconds) {
  if (seconds === null || seconds === undefined) return "";
  return `${texts.columns.left} ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function drawSeat(seat) {
  const lines = [make("p", {}, state(WORDS[seat.state] ?? "waiting", texts.attempts[seat.state] ?? seat.state))];
  if (seat.is_resting) lines.push(make("p", {}, texts.columns.rest));
  else if (seat.item) lines.push(make("p", {}, `${texts.columns.task} ${seat.item}`));
  if (seat.left_s !== null && !ENDED.has(seat.state)) lines.push(make("p", {class: "hint"}, showLeft(seat.left_s)));
  if (seat.verdict) lines.push(make("p", {}, state(TROUBLE.has(seat.verdict) ? "attention" : "ready", texts.verdicts[seat.verdict] ?? seat.verdict)));
  return make("li", {class: needsPerson(seat) && "needs", "data-seat": seat.seat},
    make("p", {class: "seat-name"}, `${texts.columns.seat} ${seat.seat}`), ...lines);
}

follow(root, (sitting) => {
  const seats = [...sitting.seats].sort((one, other) => needsPerson(other) - needsPerson(one)
    || one.seat.localeCompare(other.seat, "ru", {numeric: true}));
  root.querySelector(".seats").replaceChildren(...seats.map(drawSeat));
  // Places travel only while somebody looks; between the first look and the school's answer there are none yet.
  root.querySelector("#places-come").hidden = seats.length > 0;
  const leftOut = root.querySelector("#left-out");
  leftOut.hidden = !sitting.seats_left_out;
  leftOut.querySelector("b").textContent = String(sitting.seats_left_out);
  root.querySelector(".summary").replaceChildren(state(sitting.word, texts.states[sitting.word]),
    ` · ${texts.columns.contact}: ${ago(sitting.last_s, texts.columns)}${sitting.trouble ? ` · ${sitting.trouble}` : ""}`);
});
