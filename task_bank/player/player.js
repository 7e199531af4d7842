// The player: makes a rendered item answerable by mouse, touch and keyboard.
//
// mountItem(root, item, {state, mediaUrl, onAnswer, readOnly, language, keepFile, fileUrl, maxFileBytes}) puts
// item.html into `root` and gives {setState(state), destroy()}. `state` maps response id → string | list of strings |
// null; onAnswer(responseId, value) is called with the same kinds of value, null when an answer was taken back.
//
// Answers that are files: keepFile(blob, name, responseId) stores one and promises its reference, "<sha256> <bytes>
// <media type> <name>"; fileUrl(sha256) tells where it can be seen again. Without keepFile such answers cannot be
// given, and the page says so.
import { mountAssociate } from "./interactions/associate.js";
import { mountChoice } from "./interactions/choice.js";
import { mountDrawing } from "./interactions/drawing.js";
import { mountExtendedText, mountTextEntry } from "./interactions/text.js";
import { mountGapMatch } from "./interactions/gap_match.js";
import { mountGraphicAssociate } from "./interactions/graphic_associate.js";
import { mountGraphicGapMatch } from "./interactions/graphic_gap_match.js";
import { mountGraphicOrder } from "./interactions/graphic_order.js";
import { mountHotspot } from "./interactions/hotspot.js";
import { mountHottext } from "./interactions/hottext.js";
import { mountInlineChoice } from "./interactions/inline_choice.js";
import { mountMatch } from "./interactions/match.js";
import { mountOrder } from "./interactions/order.js";
import { mountPositionObject } from "./interactions/position_object.js";
import { mountSelectPoint } from "./interactions/select_point.js";
import { mountSlider } from "./interactions/slider.js";
import { mountUpload } from "./interactions/upload.js";
import { wordsIn } from "./words.js";

const KINDS = {
  choice: mountChoice,
  inline_choice: mountInlineChoice,
  text_entry: mountTextEntry,
  extended_text: mountExtendedText,
  match: mountMatch,
  order: mountOrder,
  gap_match: mountGapMatch,
  hottext: mountHottext,
  hotspot: mountHotspot,
  select_point: mountSelectPoint,
  graphic_gap_match: mountGraphicGapMatch,
  graphic_associate: mountGraphicAssociate,
  graphic_order: mountGraphicOrder,
  position_object: mountPositionObject,
  associate: mountAssociate,
  slider: mountSlider,
  upload: mountUpload,
  drawing: mountDrawing,
};
// What the player says in its own language stands inside an item of another.
const OWN_WORDS = ".qti-hint, .qti-count, .qti-clear, .qti-order-note, .qti-order-foot, .qti-gap-hint, .qti-word-count, "
  + ".qti-slider-foot, .qti-file-button, .qti-drawing-tools, .qti-sheet-foot, .qti-warning, .qti-take-line";
const MOST_FILE_BYTES = 20 * 1024 * 1024;

export function mountItem(root, item, options = {}) {
  const { state = {}, mediaUrl = (sha256) => `media/${sha256}`, onAnswer = () => {} } = options;
  const { readOnly = false, language = "ru" } = options;
  const { keepFile = null, fileUrl = null, maxFileBytes = MOST_FILE_BYTES } = options;
  root.replaceChildren(...parseHtml(item.html, mediaUrl));
  const live = addLiveRegion(root);
  const mounted = new Map();
  item.interactions.forEach((interaction, place) => {
    const element = root.querySelector(`[data-response="${CSS.escape(interaction.id)}"]`);
    mounted.set(interaction.id, KINDS[interaction.kind](element, {
      interaction,
      item: item.id,
      keepFile: keepFile && ((blob, name) => keepFile(blob, name, interaction.id)),
      fileUrl,
      maxFileBytes,
      number: place + 1,
      count: item.interactions.length,
      readOnly,
      words: wordsIn(language),
      answer: (value) => onAnswer(interaction.id, value),
      say: (text) => { live.textContent = text; },
    }));
  });
  for (const own of root.querySelectorAll(OWN_WORDS)) Object.assign(own, { lang: language, dir: "ltr" });
  const setState = (next) => mounted.forEach((one, id) => one.show(next[id] ?? null));
  setState(state);
  return {
    setState,
    destroy() {
      mounted.forEach((one) => one.destroy());
      root.replaceChildren();
    },
  };
}

// Pictures get their address before they enter the page, so that no request goes to a wrong place.
function parseHtml(html, mediaUrl) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const image of page.querySelectorAll('img[src^="media/"]')) {
    image.setAttribute("src", mediaUrl(image.getAttribute("src").slice("media/".length)));
  }
  return [...page.body.childNodes].map((node) => document.importNode(node, true));
}

function addLiveRegion(root) {
  const live = document.createElement("div");
  live.className = "qti-live";
  live.setAttribute("role", "status");
  root.append(live);
  return live;
}
