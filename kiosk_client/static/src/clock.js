// Clocks on the screen: run by themselves between two snapshots, at the rate the snapshot names.

export function formatTime(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return hours ? `${hours}:${parts.join(":")}` : parts.join(":");
}

// A clock that calms: whole minutes while there is time, seconds only in the last five minutes.
const EXACT_UNDER_MS = 5 * 60_000;

export function formatCalmly(milliseconds, words) {
  if (milliseconds <= EXACT_UNDER_MS) return formatTime(milliseconds);
  const minutes = Math.ceil(milliseconds / 60_000);
  return words.minutes(Math.floor(minutes / 60), minutes % 60);
}

// set(left, rate) after each snapshot; left() at any time. A hair's difference between two readings never makes
// the clock jump back.
export class Countdown {
  #left = null;
  #rate = 0;
  #at = 0;

  set(left, rate) {
    this.#left = left;
    this.#rate = rate;
    this.#at = performance.now();
  }

  get isSet() { return this.#left !== null && this.#left !== undefined; }

  left() {
    if (!this.isSet) return 0;
    return Math.max(0, this.#left - (performance.now() - this.#at) * this.#rate);
  }
}

// Calls `tick` four times a second until it is stopped.
export function everyQuarter(tick) {
  const timer = setInterval(tick, 250);
  tick();
  return () => clearInterval(timer);
}
