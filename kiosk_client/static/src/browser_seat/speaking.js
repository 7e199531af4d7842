// Speaking at the seat: kiosk_client/speaking.py in this language. What the microphone refuses becomes `trouble`, which
// stops the task's clock until somebody tries again.
import { EMPTY_RECORDING, draftRecording } from "./recorded.js";
import { enterStage, startSpeechTimer } from "./rules.js";
import { DEAD_MS } from "./stillness.js";

export class Speaking {
  constructor(log, recorder) {
    [this.log, this.recorder, this.trouble, this.isMuted] = [log, recorder, null, false];
  }

  get isRecording() { return this.recorder.running !== null; }

  async enter(item, newTake) {
    await this.log.append(...enterStage(item, "speak", this.log.state));
    await this.record(item, newTake);
  }

  async record(item, newTake) {
    try {
      await this.begin(item, await this.recorder.chooseSource());
    } catch (refusal) {
      if (!refusal.isMicrophone) throw refusal;
      await this.noteTrouble(refusal.code, refusal.message);
      return;
    }
    await this.log.append(...startSpeechTimer(item, this.log.state, newTake));
  }

  async begin(item, source) {
    const body = { item: item.id, response: item.speaking.response, rate_hz: source.rate, device: source.name };
    const [started] = await this.log.append({ kind: "recording_started", body });
    try {
      await this.recorder.begin(started, source);
    } catch (refusal) {
      if (refusal.isMicrophone) await this.log.append(...draftRecording(started, EMPTY_RECORDING));
      throw refusal;
    }
  }

  /** End what is being recorded; drafts to be journalled with what follows. */
  stop(reason) {
    this.isMuted = false;
    return this.recorder.end(reason);
  }

  /** What the recorder tells while it records. */
  async noteFault({ code, details, stops, isOver }) {
    if (code === "maybe_muted") await this.noteSilence(!isOver);
    else if (stops && !isOver) await this.noteTrouble(code, details, code === "all_zero" ? DEAD_MS : 0);
  }

  /** The device gives digital silence that may be a pause, or sound again: told, and nothing stops. */
  async noteSilence(isMuted) {
    this.isMuted = isMuted;
    if (isMuted) await this.log.append({ kind: "incident_raised", body: { kind: "sound", text: "maybe_muted" } });
  }

  async noteTrouble(code, details = "", unheardMs = 0) {
    const drafts = await this.stop("device");
    await this.log.append(...drafts, { kind: "incident_raised", body: { kind: "sound", text: `${code} ${details}`.trim() } });
    this.trouble ??= { code, since_ms: this.log.time.nowMs() - unheardMs };
  }

  async endTrouble(autoCreditMs) {
    const { trouble } = this;
    this.trouble = null;
    if (!trouble) return;
    const now = this.log.time.nowMs();
    await this.log.append({ kind: "incident_raised", body: { kind: "outage", text: `sound: ${trouble.code}`,
      from_ms: trouble.since_ms, to_ms: now, credited_ms: Math.min(now - trouble.since_ms, autoCreditMs) } });
  }

  /** Close what a closed page left open: recordings of this seat that were never committed. */
  async recover() {
    for (const recording of this.log.state.recordings) {
      if (recording.committed || !this.log.isOurs(recording.lease)) continue;
      await this.log.append(...await this.recorder.recover({ ...recording, attempt: this.log.attempt }));
    }
  }
}
