// Regions of a picture to join by lines: press one, then another; or draw the line with the mouse.
import { asAnswer, asList, make } from "../dom.js";
import { AnswerList } from "./answer_list.js";
import { startDragging } from "./drag.js";
import { PictureView, middleOf } from "./picture.js";

export function mountGraphicAssociate(element, context) {
  const { words, readOnly } = context;
  const view = new PictureView(element.querySelector(".qti-picture"), context);
  const most = Number(element.dataset.max);
  const list = new AnswerList(element, context, { onClear: () => change([]) });
  list.onEmptied = () => view.regions[0].control.focus();
  if (!readOnly) view.holder.parentNode.before(make("p", { class: "qti-hint" }, words.joinRegions));
  let pairs = [];
  let picked = null;
  let lines = [];
  let drawn = [];

  const uses = (region) => pairs.filter((pair) => pair.includes(region)).length;
  const same = ([one, other]) => (pair) => pair.includes(one) && pair.includes(other);
  const nameOf = ([one, other]) => words.joined(one.name, other.name);
  const paint = () => {
    for (const region of view.regions) {
      view.paint(region, { chosen: uses(region) > 0, picked: region === picked });
      region.control.setAttribute("aria-pressed", String(region === picked));
      const others = pairs.filter((pair) => pair.includes(region)).flat().filter((one) => one !== region);
      const name = others.length ? words.joinedWith(region.name, others.map((one) => one.name)) : region.name;
      region.control.setAttribute("aria-label", name);
    }
    element.classList.toggle("qti-picking", picked !== null);
    lines.forEach((line) => line.remove());
    lines = pairs.flatMap(([one, other]) => view.drawLine(middleOf(one), middleOf(other), "qti-line"));
    list.show(pairs.map((pair) => ({
      text: nameOf(pair), buttons: [{ name: words.remove, sign: "×", run: () => part(pair) }],
    })));
  };
  const change = (next) => {
    pairs = next;
    picked = null;
    paint();
    const answer = pairs.map((pair) => pair.map(({ choice }) => choice).join(" "));
    context.answer(context.interaction.cardinality === "single" ? answer[0] ?? null : asAnswer(answer));
  };
  const part = (pair) => {
    change(pairs.filter((one) => one !== pair));
    context.say(words.parted(nameOf(pair)));
  };
  const refuse = (text) => {
    picked = null;
    paint();
    list.warn(text);
  };
  const join = (one, other) => {
    const pair = [one, other];
    const full = pair.find((region) => region.most && uses(region) >= region.most);
    if (pairs.some(same(pair))) refuse(words.alreadyJoined(nameOf(pair)));
    else if (most && pairs.length >= most) refuse(words.atMostLines(most));
    else if (full) refuse(words.atMostJoins(full.name, full.most));
    else {
      change([...pairs, pair]);
      context.say(nameOf(pair));
    }
  };
  const press = (region) => {
    if (picked && picked !== region) return join(picked, region);
    picked = picked ? null : region;
    paint();
    if (picked) context.say(words.pickedRegion(region.name));
  };
  const drawTo = (event) => {
    drawn.forEach((line) => line.remove());
    drawn = view.drawLine(middleOf(picked), view.pointAt(event), "qti-line");
  };
  const stopDrawing = () => {
    drawn.forEach((line) => line.remove());
    drawn = [];
  };

  for (const region of view.regions) {
    region.control.disabled = readOnly;
    view.listening.on(region.control, "click", () => press(region));
  }
  if (!readOnly) {
    view.onPress((event) => {
      const region = view.regionAt(event);
      if (region) press(region);
    });
    view.listening.on(element, "keydown", (event) => {
      if (event.key !== "Escape" || !picked) return;
      picked = null;
      paint();
    });
    startDragging(view.listening.on, view.holder, {
      start(event) {
        picked = view.regionAt(event) ?? null;
        paint();
        return picked ? {} : null;
      },
      onMove: drawTo,
      onDrop(event) {
        stopDrawing();
        const other = view.covers(event) ? view.regionAt(event) : undefined;
        if (other && other !== picked) join(picked, other);
        else refuse(words.noRegionThere);
      },
      onCancel() {
        stopDrawing();
        picked = null;
        paint();
      },
    });
  }
  return {
    show(value) {
      picked = null;
      pairs = asList(value).map((pair) => pair.split(" ").map((choice) => view.find(choice)));
      pairs = pairs.filter((pair) => pair.length === 2 && pair.every(Boolean));
      paint();
    },
    destroy() { view.destroy(); },
  };
}
