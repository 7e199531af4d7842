// What a recording leaves in the journal: the events that close it.
export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
export const EMPTY_RECORDING = {
  bytes: 0, samples: 0, sha256: EMPTY_SHA256, parts: 0, end_reason: "device", verdict: "no_data" };

/** One event per gap {at_sample, lost_ms, reason}, then `recording_committed`. */
export function draftRecording({ lease, number }, facts, gaps = []) {
  const started = [lease, number];
  return [...gaps.map((gap) => ({ kind: "recording_gap", body: { started, ...gap } })),
    { kind: "recording_committed", body: { started, ...facts, gaps: gaps.length } }];
}
