// The name and the type under which a file of an answer is kept: contracts/file_answers.py in this language.
const TYPE = /^[a-z]+\/[a-z0-9][a-z0-9.+-]{0,100}$/;
export const MAX_FILE_BYTES = 20 * 1024 * 1024;
export const MAX_ATTEMPT_BYTES = 64 * 1024 * 1024;

export function nameFile(given) {
  const extension = given.includes(".") ? given.split(".").at(-1).toLowerCase() : "";
  return /^[a-z0-9]{1,8}$/.test(extension) ? `answer.${extension}` : "answer";
}

export function readType(given) {
  const plain = given.split(";")[0].trim().toLowerCase();
  return TYPE.test(plain) ? plain : "application/octet-stream";
}
