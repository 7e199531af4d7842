// The microphone of this browser as a source of 16-bit mono blocks, with everything that changes a voice turned off.
const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
const WORKLET = "static/bundle/recorder_worklet.js";
// A question of the browser that nobody answers must not hold up the work.
const ASKED_MS = 20000;
const STARTED_MS = 4000;
const ENDED_MS = 1500;
const CODES = { NotFoundError: "no_sound_card", OverconstrainedError: "device_missing", NotReadableError: "device_busy",
  NotAllowedError: "not_allowed", SecurityError: "not_allowed" };

export class MicrophoneRefusal extends Error {
  constructor(code, details = "") {
    super(details);
    [this.code, this.isMicrophone] = [code, true];
  }
}

const limited = (promise, milliseconds, code) => Promise.race([promise, new Promise((resolve, reject) => {
  setTimeout(() => reject(new MicrophoneRefusal(code)), milliseconds);
})]);

export class Microphone {
  /** Ask for the device ("" = the system's own choice); {rate, name}. Throws MicrophoneRefusal. */
  static async open(device = "") {
    const audio = { ...PLAIN, ...(device ? { deviceId: { exact: device } } : {}) };
    const asked = navigator.mediaDevices.getUserMedia({ audio });
    try {
      return new Microphone(await limited(asked, ASKED_MS, "not_allowed"));
    } catch (error) {
      // What is allowed too late is let go of at once.
      asked.then((stream) => stream.getTracks().forEach((track) => track.stop())).catch(() => undefined);
      throw error.isMicrophone ? error : new MicrophoneRefusal(CODES[error.name] ?? "microphone_refused", String(error));
    }
  }

  constructor(stream) {
    this.stream = stream;
    [this.track] = stream.getAudioTracks();
    this.context = new AudioContext({ latencyHint: "interactive" });
  }

  get rate() { return this.context.sampleRate; }
  get name() { return this.track.label || "microphone"; }

  /** Begin: `onBlock(Int16Array)`, `onLost()` when the device goes away, `onMuted(isMuted)` when it gives digital silence, or sound again. */
  async start({ onBlock, onLost, onMuted }) {
    const ended = new Promise((resolve) => { this.noteEnd = resolve; });
    this.ended = ended;
    const begun = this.connect((message) => message === "end" ? this.noteEnd() : onBlock(message));
    await limited(begun, STARTED_MS, "no_callbacks");
    this.track.onended = onLost;
    this.track.onmute = () => onMuted(true);
    this.track.onunmute = () => onMuted(false);
  }

  async connect(listen) {
    await this.context.audioWorklet.addModule(new URL(WORKLET, document.baseURI).href);
    await this.context.resume();
    this.node = new AudioWorkletNode(this.context, "recorder", { numberOfOutputs: 0, channelCount: 1,
      channelCountMode: "explicit" });
    await new Promise((resolve) => {
      this.node.port.onmessage = ({ data }) => { resolve(); listen(data); };
      this.input = this.context.createMediaStreamSource(this.stream);
      this.input.connect(this.node);
    });
  }

  /** The last block has been handed over when this resolves. */
  async stop() {
    this.track.onended = this.track.onmute = this.track.onunmute = null;
    this.node?.port.postMessage("end");
    if (this.node) await limited(this.ended, ENDED_MS, "no_callbacks").catch(() => undefined);
    this.close();
  }

  close() {
    this.stream.getTracks().forEach((track) => track.stop());
    this.context.close().catch(() => undefined);
  }
}
