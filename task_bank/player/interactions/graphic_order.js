// Regions of a picture to put in order: each press gives the next number, a second press takes it away.
import { asAnswer, asList, make } from "../dom.js";
import { AnswerList } from "./answer_list.js";
import { PictureView } from "./picture.js";

export function mountGraphicOrder(element, context) {
  const { words, readOnly } = context;
  const view = new PictureView(element.querySelector(".qti-picture"), context);
  const most = Number(element.dataset.max) || view.regions.length;
  const list = new AnswerList(element, context, { ordered: true, onClear: () => change([]) });
  list.onEmptied = () => view.regions[0].control.focus();
  if (!readOnly) view.holder.parentNode.before(make("p", { class: "qti-hint" }, words.orderRegions));
  for (const region of view.regions) {
    region.place = make("span", { class: "qti-place" });
    view.cover(region, "qti-cover").append(region.place);
  }
  let order = [];

  const paint = () => {
    for (const region of view.regions) {
      const place = order.indexOf(region) + 1;
      view.paint(region, { chosen: place > 0 });
      region.place.textContent = place || "";
      region.control.setAttribute("aria-pressed", String(place > 0));
      region.control.setAttribute("aria-label", place ? words.inPlace(region.name, place) : region.name);
    }
    list.show(order.map(describe), { text: words.chosen(order.length, Number(element.dataset.min), most) });
  };
  const change = (next) => {
    order = next;
    paint();
    context.answer(asAnswer(order.map(({ choice }) => choice)));
  };
  const press = (region) => {
    if (order.includes(region)) {
      change(order.filter((one) => one !== region));
      context.say(words.outOfOrder(region.name));
    } else if (order.length >= most) {
      list.warn(words.atMost(most));
    } else {
      change([...order, region]);
      context.say(words.inPlace(region.name, order.length));
    }
  };
  const move = (region, step) => {
    const next = order.filter((one) => one !== region);
    next.splice(order.indexOf(region) + step, 0, region);
    change(next);
    context.say(words.inPlace(region.name, order.indexOf(region) + 1));
  };
  function describe(region, place) {
    return {
      text: region.name,
      buttons: [
        { name: words.earlier, sign: "↑", disabled: place === 0, run: () => move(region, -1) },
        { name: words.later, sign: "↓", disabled: place === order.length - 1, run: () => move(region, 1) },
        { name: words.remove, sign: "×", run: () => press(region) },
      ],
    };
  }

  for (const region of view.regions) {
    region.control.disabled = readOnly;
    view.listening.on(region.control, "click", () => press(region));
  }
  if (!readOnly) {
    view.onPress((event) => {
      const region = view.regionAt(event);
      if (region) press(region);
    });
  }
  return {
    show(value) {
      order = asList(value).map((choice) => view.find(choice)).filter(Boolean);
      paint();
    },
    destroy() { view.destroy(); },
  };
}
