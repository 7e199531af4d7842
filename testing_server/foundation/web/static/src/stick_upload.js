// A package brought on a stick: the same resumable upload (tus 1.0) a school server uses, piece by piece with its
// SHA-256. The address of the upload is kept by the file's own digest start, so choosing the file again goes on.
const PIECE = 8 * 1024 * 1024;
const TUS = {"Tus-Resumable": "1.0.0"};
const card = document.getElementById("stick");
const form = card.querySelector("form");
const status = card.querySelector("[role=status]");
const bar = card.querySelector("progress");
const texts = JSON.parse(card.dataset.texts);

function show(done, all) {
  const mb = (bytes) => `${(bytes / 1048576).toFixed(1)} МБ`;
  bar.hidden = false;
  bar.value = done / all;
  status.textContent = texts.sending.replace("{done}", mb(done)).replace("{all}", mb(all));
}

async function digest(blob) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
}

async function ask(address, options) {
  const answer = await fetch(address, {...options, headers: {...TUS, ...options.headers}});
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function findUpload(file) {
  const key = `upload-${file.size}-${btoa(String.fromCharCode(...await digest(file.slice(0, 65536))))}`;
  const known = localStorage.getItem(key);
  if (known) {
    const answer = await fetch(known, {method: "HEAD", headers: TUS});
    if (answer.ok) return [known, Number(answer.headers.get("Upload-Offset"))];
  }
  const answer = await ask("/v1/packages", {method: "POST", headers: {"Upload-Length": String(file.size)}});
  localStorage.setItem(key, answer.headers.get("Location"));
  return [answer.headers.get("Location"), 0];
}

async function send(file) {
  let [address, offset] = await findUpload(file);
  while (offset < file.size) {
    show(offset, file.size);
    const piece = file.slice(offset, offset + PIECE);
    const checksum = btoa(String.fromCharCode(...await digest(piece)));
    const answer = await ask(address, {method: "PATCH", body: piece, headers: {
      "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset),
      "Upload-Checksum": `sha256 ${checksum}`}});
    offset = Number(answer.headers.get("Upload-Offset"));
  }
  show(file.size, file.size);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await send(form.querySelector("input[type=file]").files[0]);
    status.textContent = texts.sent;
  } catch {
    status.textContent = texts.failed;
  }
  button.disabled = false;
});
