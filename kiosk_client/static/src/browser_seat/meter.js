// How loud it is and whether somebody spoke, from 16-bit samples. By loudness alone: whether it was a voice, the server
// judges from the sound itself, and its word counts.

const FLOOR_DB10 = -960;
const FRAME_S = 0.02;
const SPEECH_MS = 400;
const INAUDIBLE_DB10 = -610;
const QUIET_DB10 = -405;
const ABOVE_NOISE_DB10 = 100;
const CLIPPED = 32700;
const CLIPPED_PER_MILLE = 2;
const HISTOGRAM = 1000;

const toDb10 = (value) => value > 0 ? Math.max(FLOOR_DB10, Math.round(200 * Math.log10(value / 32768))) : FLOOR_DB10;

/** {level, peak, clipped} of a block: dBFS × 10, and how many samples stand at full scale. */
export function measure(samples) {
  let [sum, peak, clipped] = [0, 0, 0];
  for (const sample of samples) {
    const size = Math.abs(sample);
    sum += sample * sample;
    if (size > peak) peak = size;
    if (size >= CLIPPED) clipped += 1;
  }
  return { level: toDb10(Math.sqrt(sum / Math.max(1, samples.length))), peak: toDb10(peak), clipped };
}

/** Levels of 20 ms frames as they come; memory does not grow with the length. */
export class LoudnessJudge {
  constructor(rate) {
    Object.assign(this, { frame: Math.round(rate * FRAME_S), counts: new Uint32Array(HISTOGRAM), frames: 0, clipped: 0,
      samples: 0, left: new Int16Array(0) });
  }

  add(samples) {
    const all = new Int16Array(this.left.length + samples.length);
    all.set(this.left);
    all.set(samples, this.left.length);
    let at = 0;
    for (; at + this.frame <= all.length; at += this.frame) {
      const { level, clipped } = measure(all.subarray(at, at + this.frame));
      this.counts[Math.min(HISTOGRAM - 1, -Math.min(0, level))] += 1;
      this.frames += 1;
      this.clipped += clipped;
    }
    this.left = all.slice(at);
    this.samples += samples.length;
  }

  /** The level that this share of the frames does not exceed. */
  quantile(share) {
    let left = Math.max(1, Math.ceil(this.frames * (1 - share)));
    for (let level = 0; level < HISTOGRAM; level += 1) {
      left -= this.counts[level];
      if (left <= 0) return -level;
    }
    return FLOOR_DB10;
  }

  countAbove(level) {
    return this.counts.slice(0, Math.max(0, Math.min(HISTOGRAM, -level + 1))).reduce((sum, one) => sum + one, 0);
  }

  /** {verdict, speech_db10}: silent, too_quiet, clipped, heard or no_data. */
  judge() {
    if (!this.frames) return { verdict: "no_data", speech_db10: null };
    const limit = Math.max(INAUDIBLE_DB10, this.quantile(0.15) + ABOVE_NOISE_DB10);
    const frames = this.countAbove(limit);
    if (frames * FRAME_S * 1000 < SPEECH_MS) return { verdict: "silent", speech_db10: null };
    const speech = this.quantile(1 - frames / this.frames / 10);
    if (speech < QUIET_DB10) return { verdict: "too_quiet", speech_db10: speech };
    const isClipped = this.clipped * 1000 > CLIPPED_PER_MILLE * frames * this.frame;
    return { verdict: isClipped ? "clipped" : "heard", speech_db10: speech };
  }
}
