// Runs in the browser's sound thread: takes what the microphone gives, hands over 16-bit mono blocks of 100 ms.
const BLOCKS_PER_SECOND = 10;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(Math.round(sampleRate / BLOCKS_PER_SECOND));
    this.filled = 0;
    this.isOver = false;
    this.port.onmessage = () => {
      this.hand();
      this.port.postMessage("end");
      this.isOver = true;
    };
  }

  process([[samples]]) {
    for (const sample of samples ?? []) {
      this.block[this.filled] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      this.filled += 1;
      if (this.filled === this.block.length) this.hand();
    }
    return !this.isOver;
  }

  hand() {
    if (!this.filled) return;
    const block = this.block.slice(0, this.filled);
    this.filled = 0;
    this.port.postMessage(block, [block.buffer]);
  }
}

registerProcessor("recorder", Recorder);
