// What the candidate saw and gave, as pictures of it: the task with the choices made, written answers, files. Gives
// nothing back but the boxes of written texts, to which remarks can be tied.
import {mountItem} from "player";
import {make} from "./_desk_dom.js";

export function addressOfFile(sha256) {
  return `/marking/files/${sha256}`;
}

// the mounted task; `destroy()` it before the next
export function showPrompt(root, answer, texts) {
  const mounted = mountItem(root, answer.prompt, {
    state: answer.content.responses, readOnly: true, language: document.documentElement.lang,
    mediaUrl: (sha256) => `/marking/media/${answer.archive}/${sha256}`, fileUrl: addressOfFile,
  });
  root.closest("section").scrollTop = 0;
  root.querySelector(".qti-chosen img")?.closest(".qti-chosen").scrollIntoView({block: "nearest"});
  for (const picture of root.querySelectorAll("img")) {
    picture.tabIndex = 0;
    picture.setAttribute("role", "button");
    picture.title = texts.textEnlarge;
  }
  return mounted;
}

export function listTexts(answer) {
  const kinds = Object.fromEntries(answer.prompt.interactions.map((one) => [one.id, one.kind]));
  return Object.entries(answer.content.responses)
    .filter(([name]) => kinds[name] === "extended_text")
    .map(([response, value]) => ({response, text: [].concat(value).join("\n")}));
}

// [{response, box}] of the written answers
export function showTexts(root, answer) {
  return listTexts(answer).map(({response, text}) => {
    const box = make("div", {class: "desk-text", lang: answer.content_language, tabindex: "0"}, text);
    root.append(box);
    return {response, box};
  });
}

export function showFiles(root, answer, texts) {
  for (const {sha256, type} of answer.content.files ?? []) {
    const href = addressOfFile(sha256);
    const inside = type.startsWith("image/")
      ? make("img", {class: "desk-picture", src: href, alt: texts.textPicture}) : texts.textFile;
    root.append(make("a", {class: "desk-file", href, target: "_blank", rel: "noopener"}, inside));
  }
}

export function isEmpty(answer) {
  return !listTexts(answer).length && !(answer.content.files ?? []).length && !answer.content.recordings.length;
}
