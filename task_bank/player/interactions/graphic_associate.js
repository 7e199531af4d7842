// Regions of a picture to join by lines: press one, then another; or draw the line with the mouse.
import { asAnswer, asList, make } from "../dom.js";
import { AnswerList } from "./answer_list.js";
import { startDragging } from "./drag.js";
import { PictureView, middleOf } from "./picture.js";

export function mountGraphicAssociate(element, context) {
  const lines = new Lines(element, context);
  if (!context.readOnly) lines.listen();
  return {
    show(value) { lines.show(asList(value)); },
    destroy() { lines.view.destroy(); },
  };
}

class Lines {
  constructor(element, context) {
    Object.assign(this, { element, context, words: context.words, pairs: [], picked: null, lines: [], drawn: [] });
    this.view = new PictureView(element.querySelector(".qti-picture"), context);
    this.most = Number(element.dataset.max);
    this.list = new AnswerList(element, context, { onClear: () => this.change([]) });
    this.list.onEmptied = () => this.view.regions[0].control.focus();
    for (const { control } of this.view.regions) control.disabled = context.readOnly;
    if (!context.readOnly) this.view.holder.parentNode.before(make("p", { class: "qti-hint" }, this.words.joinRegions));
  }

  listen() {
    const { view } = this;
    for (const region of view.regions) view.listening.on(region.control, "click", () => this.press(region));
    view.onPress((event) => {
      const region = view.regionAt(event);
      if (region) this.press(region);
    });
    view.listening.on(this.element, "keydown", (event) => {
      if (event.key === "Escape" && this.picked) this.pick(null);
    });
    startDragging(view.listening.on, view.holder, {
      start: (event) => {
        this.pick(view.regionAt(event) ?? null);
        return this.picked && {};
      },
      onMove: (event) => this.drawTo(view.pointAt(event)),
      onDrop: (event) => this.drop(event),
      onCancel: () => this.pick(null),
    });
  }

  show(answer) {
    const read = answer.map((pair) => pair.split(" ").map((choice) => this.view.find(choice)));
    this.pairs = read.filter((pair) => pair.length === 2 && pair.every(Boolean));
    this.pick(null);
  }

  change(pairs) {
    this.pairs = pairs;
    this.pick(null);
    const answer = pairs.map((pair) => pair.map(({ choice }) => choice).join(" "));
    this.context.answer(this.context.interaction.cardinality === "single" ? answer[0] ?? null : asAnswer(answer));
  }

  pick(region) {
    this.picked = region;
    this.drawn.forEach((line) => line.remove());
    this.drawn = [];
    this.paint();
  }

  press(region) {
    if (this.picked && this.picked !== region) return this.join(this.picked, region);
    this.pick(this.picked ? null : region);
    if (this.picked) this.context.say(this.words.pickedRegion(region.name));
  }

  drawTo(point) {
    this.drawn.forEach((line) => line.remove());
    this.drawn = this.view.drawLine(middleOf(this.picked), point, "qti-line");
  }

  drop(event) {
    const start = this.picked;
    const end = this.view.covers(event) ? this.view.regionAt(event) : undefined;
    if (end && end !== start) this.join(start, end);
    else this.refuse(this.words.noRegionThere);
  }

  join(one, other) {
    const reason = this.findObstacle([one, other]);
    if (reason) return this.refuse(reason);
    this.change([...this.pairs, [one, other]]);
    this.context.say(this.nameOf([one, other]));
  }

  // Why two regions cannot be joined, in words; null when they can.
  findObstacle(pair) {
    const full = pair.find((region) => region.most && this.uses(region) >= region.most);
    if (this.pairs.some((known) => pair.every((region) => known.includes(region)))) {
      return this.words.alreadyJoined(this.nameOf(pair));
    }
    if (this.most && this.pairs.length >= this.most) return this.words.atMostLines(this.most);
    return full ? this.words.atMostJoins(full.name, full.most) : null;
  }

  refuse(reason) {
    this.pick(null);
    this.list.warn(reason);
  }

  part(pair) {
    this.change(this.pairs.filter((one) => one !== pair));
    this.context.say(this.words.parted(this.nameOf(pair)));
  }

  uses(region) { return this.pairs.filter((pair) => pair.includes(region)).length; }

  nameOf([one, other]) { return this.words.joined(one.name, other.name); }

  paint() {
    for (const region of this.view.regions) this.paintRegion(region);
    this.element.classList.toggle("qti-picking", this.picked !== null);
    this.lines.forEach((line) => line.remove());
    this.lines = this.pairs.flatMap(([one, other]) => this.view.drawLine(middleOf(one), middleOf(other), "qti-line"));
    this.list.show(this.pairs.map((pair) => ({
      text: this.nameOf(pair), buttons: [{ name: this.words.remove, sign: "×", run: () => this.part(pair) }],
    })));
  }

  paintRegion(region) {
    const picked = region === this.picked;
    const others = this.pairs.filter((pair) => pair.includes(region)).flat().filter((one) => one !== region);
    this.view.paint(region, { chosen: others.length > 0, picked });
    region.control.setAttribute("aria-pressed", String(picked));
    const names = others.map(({ name }) => name);
    region.control.setAttribute("aria-label", names.length ? this.words.joinedWith(region.name, names) : region.name);
  }
}
