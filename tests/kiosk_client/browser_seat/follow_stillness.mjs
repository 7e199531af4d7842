// Listens as the seat in a browser does. Takes {rate, recordings: [[samples]]} of one device as JSON on standard input;
// gives after each block of 100 ms whether the microphone is dead and whether it may be muted.
import { Stillness, newHabits } from "../../../kiosk_client/static/src/browser_seat/stillness.js";

const told = [];
for await (const chunk of process.stdin) told.push(chunk);
const { rate, recordings } = JSON.parse(Buffer.concat(told));
const habits = newHabits();
process.stdout.write(JSON.stringify(recordings.map((samples) => {
  const [stillness, sound, seen] = [new Stillness(rate, habits), Int16Array.from(samples), []];
  for (let at = 0; at < sound.length; at += rate / 10) {
    stillness.read(sound.subarray(at, at + rate / 10));
    seen.push([stillness.isDead, stillness.mayBeMuted]);
  }
  return seen;
})));
