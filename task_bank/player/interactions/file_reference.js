// An answer that is a file: "<sha256> <bytes> <media type> <file name>", the name last because it may hold spaces.
export function readReference(text) {
  const found = /^([0-9a-f]{64}) (\d+) (\S+) (.+)$/.exec(text ?? "");
  return found && { sha256: found[1], bytes: Number(found[2]), type: found[3], name: found[4], text };
}

export function cleanName(name) {
  return name.replace(/[\p{C}\s/\\]+/gu, " ").trim().slice(-120) || "file";
}
