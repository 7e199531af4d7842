// A package brought on a stick, by tus 1.0 in pieces: shows how far it is, waits while told to, and goes on after a cut,
// a pause or a reload with the piece that is missing. The address of an upload begun here is kept by the browser; a page
// that was left cannot open the file by itself, so it asks for the same file again.
import {defaultOptions, Upload} from "tus-js-client";

const ENDPOINT = "/v1/packages";
const PIECE = 8 * 1024 * 1024;
const RETRIES = [0, 1000, 3000, 5000, 10000, 20000, 30000];
const card = document.getElementById("stick");
const texts = JSON.parse(card.dataset.texts);
const form = card.querySelector("form");
const [send, pause] = [form.querySelector("[data-send]"), form.querySelector("[data-pause]")];
const status = card.querySelector("[role=status]");
const bar = card.querySelector("progress");
const begun = card.querySelector("[data-begun]");
let upload = null;
let isPaused = false;

const inWords = (bytes) => `${(bytes / 1048576).toFixed(1)} ${texts.megabytes}`;

function show(done, all) {
  bar.hidden = false;
  bar.value = all ? done / all : 1;
  status.textContent = texts.sending.replace("{done}", inWords(done)).replace("{all}", inWords(all));
}

// what the hub said, in its own words; a cut line has none
function tell(error) {
  let said = {};
  try {
    said = JSON.parse(error.originalResponse?.getBody() || "{}");
  } catch {
    // an answer of something in between
  }
  status.textContent = said.message ? [said.message, said.safe, said.remedy].filter(Boolean).join(" ") : texts.failed;
}

function changeButtons(isSending) {
  send.disabled = isSending;
  pause.hidden = !isSending;
  pause.textContent = isPaused ? texts.goOn : texts.pause;
}

function end() {
  upload = null;
  isPaused = false;
  changeButtons(false);
}

function make(file) {
  const school = form.elements.school?.value.trim();
  return new Upload(file, {
    endpoint: ENDPOINT, chunkSize: PIECE, retryDelays: RETRIES, removeFingerprintOnSuccess: true,
    metadata: {filename: file.name, ...(school && {school})},
    onProgress: show,
    onError(error) {
      tell(error);
      end();
    },
    onSuccess() {
      status.textContent = texts.sent;
      end();
      setTimeout(() => location.reload(), 1500);
    },
  });
}

async function begin(file) {
  upload = make(file);
  changeButtons(true);
  status.textContent = texts.opening;
  const [previous] = await upload.findPreviousUploads();
  if (previous) upload.resumeFromPreviousUpload(previous);
  upload.start();
}

async function showBegun() {
  const found = await defaultOptions.urlStorage.findAllUploads();
  const names = [...new Set(found.map((one) => one.metadata?.filename).filter(Boolean))];
  begun.hidden = !names.length;
  begun.textContent = names.length ? texts.begun.replace("{names}", names.join(", ")) : "";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const [file] = form.querySelector("input[type=file]").files;
  if (file && !upload) begin(file);
});

pause.addEventListener("click", async () => {
  isPaused = !isPaused;
  if (isPaused) {
    await upload.abort();
    status.textContent = texts.paused;
  } else {
    upload.start();
  }
  changeButtons(true);
});

window.addEventListener("beforeunload", (event) => {
  if (upload && !isPaused) event.preventDefault();
});

showBegun();
