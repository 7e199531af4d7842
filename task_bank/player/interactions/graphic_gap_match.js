// Words and pictures into regions of a picture: choose one, then a region; or drag it there.
import { asAnswer, asList, make, textOf } from "../dom.js";
import { AnswerList } from "./answer_list.js";
import { startDragging } from "./drag.js";
import { PictureView } from "./picture.js";

export function mountGraphicGapMatch(element, context) {
  const filling = new Filling(element, context);
  if (!context.readOnly) filling.listen();
  return {
    show(value) { filling.show(asList(value)); },
    destroy() { filling.view.destroy(); },
  };
}

// `placed` is what lies where: [{option, region}], in reading order of the regions.
class Filling {
  constructor(element, context) {
    Object.assign(this, { element, context, words: context.words, placed: [], picked: null });
    this.view = new PictureView(element.querySelector(".qti-picture"), context);
    const bank = element.querySelector(".qti-gap-words");
    this.options = [...bank.children].map((line, place) => readOption(line, place, this.words));
    this.most = Number(element.dataset.max);
    this.list = new AnswerList(element, context, { onClear: () => this.change([]) });
    this.list.onEmptied = () => this.view.regions[0].control.focus();
    for (const region of this.view.regions) {
      region.contents = this.view.cover(region, "qti-contents");
      region.control.disabled = context.readOnly;
    }
    if (!context.readOnly) bank.before(make("p", { class: "qti-hint" }, this.words.fillRegions));
  }

  listen() {
    const { view } = this;
    const { on } = view.listening;
    for (const region of view.regions) on(region.control, "click", () => this.press(region));
    view.onPress((event) => {
      const region = view.regionAt(event);
      if (region) this.press(region);
    });
    on(this.element, "keydown", (event) => {
      if (event.key !== "Escape" || !this.picked) return;
      const { button } = this.picked;
      this.pick(null);
      button.focus();
    });
    for (const option of this.options) this.listenToOption(option, on);
    this.listenToContents(on);
  }

  listenToOption(option, on) {
    on(option.button, "click", (event) => this.take(option, event.detail === 0));
    startDragging(on, option.button, {
      start: () => (this.isFree(option) ? makeGhost(option, this.view) : null),
      onDrop: (event) => {
        const region = this.regionUnder(event);
        if (region) this.put(option, region);
      },
    });
  }

  // What lies in a region is dragged to another one, or off the picture.
  listenToContents(on) {
    let held = null;
    startDragging(on, this.view.holder, {
      start: (event) => {
        const region = this.view.regionAt(event);
        held = region && !this.picked ? this.inside(region).at(-1) ?? null : null;
        return held && makeGhost(held.option, this.view);
      },
      onDrop: (event) => {
        const region = this.regionUnder(event);
        if (!region) this.remove(held);
        else if (region !== held.region) this.put(held.option, region, this.placed.filter((one) => one !== held));
      },
    });
  }

  show(answer) {
    const read = answer.map((pair) => pair.split(" ")).map(([choice, region]) => ({
      option: this.options.find((one) => one.choice === choice), region: this.view.find(region),
    }));
    this.keep(read.filter(({ option, region }) => option && region));
  }

  keep(placed) {
    this.placed = this.view.regions.flatMap((region) => placed.filter((one) => one.region === region));
    this.pick(null);
  }

  change(placed) {
    this.keep(placed);
    const answer = this.placed.map(({ option, region }) => `${option.choice} ${region.choice}`);
    this.context.answer(this.context.interaction.cardinality === "single" ? answer[0] ?? null : asAnswer(answer));
  }

  pick(option) {
    this.picked = option;
    this.paint();
  }

  take(option, byKeyboard) {
    this.pick(this.picked === option ? null : option);
    if (!this.picked) return;
    this.context.say(this.words.pickedForRegion(option.name));
    const { regions } = this.view;
    if (byKeyboard) (regions.find((region) => !this.inside(region).length) ?? regions[0]).control.focus();
  }

  press(region) {
    if (this.picked) this.put(this.picked, region);
    else if (this.inside(region).length) this.remove(this.inside(region).at(-1));
    else this.list.warn(this.words.pickFirst);
  }

  // `rest` is what stays placed: all, or all but what is being moved.
  put(option, region, rest = this.placed) {
    // A region for one thing gives its old content back, as a gap in a text does.
    const kept = region.most === 1 ? rest.filter((one) => one.region !== region) : rest;
    const reason = this.findObstacle(option, region, rest, kept);
    if (reason) {
      this.pick(null);
      this.list.warn(reason);
      return;
    }
    this.change([...kept, { option, region }]);
    this.context.say(this.words.contains(region.name, option.name));
  }

  // Why something cannot be put into a region, in words; null when it can.
  findObstacle(option, region, rest, kept) {
    const there = rest.filter((one) => one.region === region);
    if (region.most > 1 && there.length >= region.most) return this.words.atMostInside(region.name, region.most);
    if (there.some((one) => one.option === option)) return this.words.alreadyInside(region.name, option.name);
    return this.most && kept.length >= this.most ? this.words.atMostPlaced(this.most) : null;
  }

  remove(one) {
    this.change(this.placed.filter((other) => other !== one));
    this.context.say(this.words.removed(one.option.name));
  }

  isFree(option) {
    return option.most === 0 || this.placed.filter((one) => one.option === option).length < option.most;
  }

  inside(region) { return this.placed.filter((one) => one.region === region); }

  regionUnder(event) { return this.view.covers(event) ? this.view.regionAt(event) : undefined; }

  paint() {
    for (const option of this.options) {
      const free = this.isFree(option);
      option.line.classList.toggle("qti-used", !free);
      option.button.disabled = this.context.readOnly || !free;
      option.button.setAttribute("aria-pressed", String(option === this.picked));
    }
    this.element.classList.toggle("qti-picking", this.picked !== null);
    for (const region of this.view.regions) this.paintRegion(region);
    this.list.show(this.placed.map((one) => ({
      text: this.words.contains(one.region.name, one.option.name),
      buttons: [{ name: this.words.remove, sign: "×", run: () => this.remove(one) }],
    })));
  }

  paintRegion(region) {
    const options = this.inside(region).map(({ option }) => option);
    region.contents.replaceChildren(...options.map((option) => makeContent(option, region, this.view)));
    this.view.paint(region, { chosen: options.length > 0 });
    const names = options.map(({ name }) => name).join(", ");
    const { contains, emptyRegion } = this.words;
    region.control.setAttribute("aria-label", names ? contains(region.name, names) : emptyRegion(region.name));
  }
}

function readOption(line, place, words) {
  const picture = line.querySelector("img");
  const name = picture ? picture.alt || words.picture(place + 1) : textOf(line);
  const button = make("button", { type: "button", class: "qti-word" }, ...line.childNodes);
  if (picture) button.setAttribute("aria-label", name);
  line.replaceChildren(button);
  return { line, button, picture, name, choice: line.dataset.choice, most: Number(line.dataset.max) };
}

// What lies in a region: a word, or a picture as large as its own pixels say.
function makeContent(option, region, view) {
  if (!option.picture) return make("span", { class: "qti-content-word" }, option.name);
  const picture = option.picture.cloneNode();
  picture.style.width = view.percent(Number(picture.getAttribute("width")), region.box.width);
  return picture;
}

function makeGhost({ picture, button }, view) {
  const ghost = (picture ?? button).cloneNode(true);
  const size = (name, own) => (picture ? Number(picture.getAttribute(name)) * view.scale : own);
  const width = size("width", button.offsetWidth);
  ghost.style.width = `${width}px`;
  return { ghost, anchor: { x: width / 2, y: size("height", button.offsetHeight) / 2 } };
}
