// Remarks tied to a place: a second of the recording or a passage of the text. What other experts remarked is shown
// beside, to whoever decides between them.
import {clock, make} from "./_desk_dom.js";

const OWN = "desk-own-note";
const SENTENCE = "desk-sentence";

// Passages are drawn by the browser over the text as it is: nothing is put between the words.
function paint(name, ranges) {
  if (!window.CSS?.highlights) return;
  CSS.highlights.set(name, new Highlight(...ranges));
}

// what a remark says, and of which criterion where it is of one
export function describeNote({text, criterion}) {
  return criterion ? `${criterion}: ${text}` : text;
}

export class Passages {
  #boxes = [];
  #sentences = [];
  #place = -1;

  // `boxes`: {response, box} of the written answers, each with one text node
  show(boxes, language) {
    this.#boxes = boxes;
    this.#place = -1;
    const cut = new Intl.Segmenter(language, {granularity: "sentence"});
    this.#sentences = boxes.flatMap(({response, box}) => [...cut.segment(box.textContent)]
      .filter(({segment}) => segment.trim())
      .map(({segment, index}) => ({response, from: index, to: index + segment.trimEnd().length})));
    paint(SENTENCE, []);
  }

  step(count) {
    if (!this.#sentences.length) return;
    this.#place = Math.max(0, Math.min(this.#place + count, this.#sentences.length - 1));
    const range = this.#range(this.#sentences[this.#place]);
    paint(SENTENCE, [range]);
    range.startContainer.parentElement.scrollTop +=
      range.getBoundingClientRect().top - range.startContainer.parentElement.getBoundingClientRect().top - 40;
  }

  // what the mouse selected, else the sentence the keys stand on
  get chosen() {
    const selected = window.getSelection();
    const box = this.#boxes.find((one) => selected.rangeCount && !selected.isCollapsed
      && one.box.contains(selected.anchorNode) && one.box.contains(selected.focusNode));
    if (!box) return this.#sentences[this.#place] ?? null;
    const ends = [selected.anchorOffset, selected.focusOffset].sort((one, other) => one - other);
    return {response: box.response, from: ends[0], to: ends[1]};
  }

  quote({response, from, to}) {
    const text = this.#boxes.find((one) => one.response === response)?.box.textContent ?? "";
    const words = text.slice(from, to).replaceAll(/\s+/g, " ");
    return words.length > 40 ? `${words.slice(0, 38)}…` : words;
  }

  mark(notes) {
    paint(OWN, notes.filter((note) => note.response !== undefined).map((note) => this.#range(note)).filter(Boolean));
  }

  #range({response, from, to}) {
    const node = this.#boxes.find((one) => one.response === response)?.box.firstChild;
    if (!node) return null;
    const range = new Range();
    range.setStart(node, Math.min(from, node.length));
    range.setEnd(node, Math.min(to, node.length));
    return range;
  }
}

export class Notes {
  #root;
  #texts;
  #passages;
  #acts;
  #others = [];
  list = [];

  // `acts`: {hear(note), onChange()}
  constructor(root, texts, passages, acts) {
    this.#root = root;
    this.#texts = texts;
    this.#passages = passages;
    this.#acts = acts;
  }

  show(list, others) {
    this.list = [...list];
    this.#others = others;
    this.#draw();
  }

  // asks for the words of a remark and its criterion, at first the one being decided; an empty one is none
  begin(place, criteria, current) {
    if (!place) return false;
    this.#root.querySelector("form")?.remove();
    const field = make("input", {type: "text", maxlength: "300", "aria-label": this.#texts.textNote,
      placeholder: this.#texts.textNote});
    const criterion = make("select", {"aria-label": this.#texts.textCriterion},
      make("option", {value: ""}, this.#texts.textNoCriterion), ...criteria.map((id) => make("option", {value: id}, id)));
    criterion.value = current;
    const form = make("form", {class: "desk-note-form"}, make("span", {}, this.#describe(place)), criterion, field,
      make("button", {class: "small"}, this.#texts.textAdd));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      form.remove();
      const about = criterion.value ? {criterion: criterion.value} : {};
      if (field.value.trim()) this.#add({...place, ...about, text: field.value.trim()});
    });
    form.addEventListener("keydown", (event) => event.key === "Escape" && form.remove());
    this.#root.prepend(form);
    field.focus();
    return true;
  }

  #add(note) {
    this.list.push(note);
    this.#changed();
  }

  #changed() {
    this.#draw();
    this.#acts.onChange();
  }

  #describe(place) {
    return place.response === undefined ? clock(place.at_ms) : `«${this.#passages.quote(place)}»`;
  }

  #draw() {
    const own = this.list.map((note) => this.#drawNote(note, "", () => {
      this.list = this.list.filter((one) => one !== note);
      this.#changed();
    }));
    // in the order of their places, whoever made them
    const others = this.#others.flatMap((other) => (other.notes ?? []).map((note) => ({note, round: other.round})))
      .sort((one, other) => (one.note.at_ms ?? one.note.from) - (other.note.at_ms ?? other.note.from))
      .map(({note, round}) => this.#drawNote(note, `${this.#texts.textExpert} ${round}`));
    this.#root.replaceChildren(...others, ...own);
    this.#passages.mark([...this.list, ...this.#others.flatMap((other) => other.notes ?? [])]);
  }

  #drawNote(note, whose, onDrop) {
    const line = make("p", {class: whose ? "desk-note desk-note-other" : "desk-note"});
    if (note.response === undefined) {
      const hear = make("button", {type: "button", class: "small"}, `▶ ${clock(note.at_ms)}`);
      hear.addEventListener("click", () => this.#acts.hear(note));
      line.append(hear);
    } else line.append(make("q", {}, this.#passages.quote(note)));
    line.append(make("span", {}, whose ? `${whose}: ${describeNote(note)}` : describeNote(note)));
    if (onDrop) {
      const drop = make("button", {type: "button", class: "small desk-drop", "aria-label": this.#texts.textDropNote,
        title: this.#texts.textDropNote}, "×");
      drop.addEventListener("click", onDrop);
      line.append(drop);
    }
    return line;
  }
}
