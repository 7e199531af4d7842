// Exact digital silence as it lasts: audio/stillness.py in this language. A pause of a device that closes itself, or a
// microphone that was switched off.
export const PAUSE_MS = 100;
export const DEAD_MS = 1500;
export const DEAD_AT_FIRST_MS = 2500;
export const MAYBE_MUTED_MS = 3000;
const STRETCH_S = 0.02;

export const newHabits = () => ({ hasSounded: false, closesInPauses: false });

export class Stillness {
  constructor(rate, habits = newHabits()) {
    Object.assign(this, { rate, habits, samples: 0, last: 0, soundsNow: false });
  }

  /** The next samples, in stretches of 20 ms. */
  read(block) {
    const size = Math.round(this.rate * STRETCH_S);
    for (let at = 0; at < block.length; at += size) {
      const stretch = block.subarray(at, at + size);
      const { last } = this;
      this.last = stretch[stretch.length - 1];
      this.follow(stretch.length, stretch.every((sample) => sample === last));
    }
  }

  follow(length, isStill) {
    if (isStill) {
      this.samples += length;
      return;
    }
    if (this.soundsNow && this.lastsMs >= PAUSE_MS && this.lastsMs < DEAD_MS) this.habits.closesInPauses = true;
    this.samples = 0;
    this.soundsNow = this.habits.hasSounded = true;
  }

  get lastsMs() { return Math.floor(this.samples * 1000 / this.rate); }

  get isDead() {
    if (!this.habits.hasSounded || this.habits.closesInPauses) return false;
    return this.lastsMs >= (this.soundsNow ? DEAD_MS : DEAD_AT_FIRST_MS);
  }

  get mayBeMuted() { return this.lastsMs >= MAYBE_MUTED_MS && !this.isDead; }
}
