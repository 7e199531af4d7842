// An answer that is a file: "<sha256> <bytes> <media type> <file name>", the name last because it may hold spaces.
export function readReference(text) {
  const found = /^([0-9a-f]{64}) (\d+) (\S+) (.+)$/.exec(text ?? "");
  return found && { sha256: found[1], bytes: Number(found[2]), type: found[3], name: found[4], text };
}

export function cleanName(name) {
  return name.replace(/[\p{C}\s/\\]+/gu, " ").trim().slice(-120) || "file";
}

export function sizeOf(bytes, words) {
  const [number, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "kilobytes"] : [bytes / 1024 / 1024, "megabytes"];
  return words[unit](number < 10 ? Math.max(0.1, Math.round(number * 10) / 10) : Math.round(number));
}

const TYPE_NAMES = {
  "application/pdf": "PDF",
  "application/msword": "DOC",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
  "application/vnd.oasis.opendocument.text": "ODT",
  "text/plain": "TXT",
  "image/svg+xml": "SVG",
  "audio/mpeg": "MP3",
};

// What people call a media type: "PDF" for application/pdf, "IMAGE/*" for any picture.
export function nameOfType(type) {
  return TYPE_NAMES[type] ?? type.replace(/^(image|audio|video)\/(?!\*)(x-)?/, "").toUpperCase();
}
