// Regions of a picture to put in order: each press gives the next number, a second press takes it away.
import { asAnswer, asList, make } from "../dom.js";
import { AnswerList } from "./answer_list.js";
import { PictureView } from "./picture.js";

export function mountGraphicOrder(element, context) {
  const order = new Order(element, context);
  if (!context.readOnly) order.listen();
  return {
    show(value) { order.show(asList(value)); },
    destroy() { order.view.destroy(); },
  };
}

class Order {
  constructor(element, context) {
    Object.assign(this, { context, words: context.words, chosen: [] });
    this.view = new PictureView(element.querySelector(".qti-picture"), context);
    this.least = Number(element.dataset.min);
    this.most = Number(element.dataset.max) || this.view.regions.length;
    this.list = new AnswerList(element, context, { ordered: true, onClear: () => this.change([]) });
    this.list.onEmptied = () => this.view.regions[0].control.focus();
    for (const region of this.view.regions) {
      region.place = make("span", { class: "qti-place" });
      this.view.cover(region, "qti-cover").append(region.place);
      region.control.disabled = context.readOnly;
    }
    if (!context.readOnly) this.view.holder.parentNode.before(make("p", { class: "qti-hint" }, this.words.orderRegions));
  }

  listen() {
    const { view } = this;
    for (const region of view.regions) view.listening.on(region.control, "click", () => this.press(region));
    view.onPress((event) => {
      const region = view.regionAt(event);
      if (region) this.press(region);
    });
  }

  show(answer) {
    this.chosen = answer.map((choice) => this.view.find(choice)).filter(Boolean);
    this.paint();
  }

  change(chosen) {
    this.chosen = chosen;
    this.paint();
    this.context.answer(asAnswer(chosen.map(({ choice }) => choice)));
  }

  press(region) {
    const { words } = this;
    if (this.chosen.includes(region)) {
      this.change(this.chosen.filter((one) => one !== region));
      this.context.say(words.outOfOrder(region.name));
    } else if (this.chosen.length >= this.most) {
      this.list.warn(words.atMost(this.most));
    } else {
      this.change([...this.chosen, region]);
      this.context.say(words.inPlace(region.name, this.chosen.length));
    }
  }

  move(region, step) {
    const next = this.chosen.filter((one) => one !== region);
    next.splice(this.chosen.indexOf(region) + step, 0, region);
    this.change(next);
    this.context.say(this.words.inPlace(region.name, next.indexOf(region) + 1));
  }

  paint() {
    for (const region of this.view.regions) {
      const place = this.chosen.indexOf(region) + 1;
      this.view.paint(region, { chosen: place > 0 });
      region.place.textContent = place || "";
      region.control.setAttribute("aria-pressed", String(place > 0));
      region.control.setAttribute("aria-label", place ? this.words.inPlace(region.name, place) : region.name);
    }
    const text = this.words.chosen(this.chosen.length, this.least, this.most);
    this.list.show(this.chosen.map((region, place) => this.describe(region, place)), { text });
  }

  describe(region, place) {
    const { words } = this;
    const last = place === this.chosen.length - 1;
    return {
      text: region.name,
      buttons: [
        { name: words.earlier, sign: "↑", disabled: place === 0, run: () => this.move(region, -1) },
        { name: words.later, sign: "↓", disabled: last, run: () => this.move(region, 1) },
        { name: words.remove, sign: "×", run: () => this.press(region) },
      ],
    };
  }
}
