// Words and pictures into regions of a picture: choose one, then a region; or drag it there.
import { asAnswer, asList, make, textOf } from "../dom.js";
import { AnswerList } from "./answer_list.js";
import { startDragging } from "./drag.js";
import { PictureView } from "./picture.js";

export function mountGraphicGapMatch(element, context) {
  const { words, readOnly } = context;
  const view = new PictureView(element.querySelector(".qti-picture"), context);
  const { on } = view.listening;
  const bank = element.querySelector(".qti-gap-words");
  const options = [...bank.children].map((line, place) => readOption(line, place, words));
  const most = Number(element.dataset.max);
  const list = new AnswerList(element, context, { onClear: () => change([]) });
  list.onEmptied = () => view.regions[0].control.focus();
  if (!readOnly) bank.before(make("p", { class: "qti-hint" }, words.fillRegions));
  for (const region of view.regions) region.contents = view.cover(region, "qti-contents");
  let placed = [];
  let picked = null;

  const uses = (option) => placed.filter((one) => one.option === option).length;
  const free = (option) => option.most === 0 || uses(option) < option.most;
  const inside = (region) => placed.filter((one) => one.region === region);
  const inReadingOrder = (list) => view.regions.flatMap((region) => list.filter((one) => one.region === region));
  const nameOf = ({ option, region }) => words.contains(region.name, option.name);
  const paint = () => {
    for (const option of options) {
      option.line.classList.toggle("qti-used", !free(option));
      option.button.disabled = readOnly || !free(option);
      option.button.setAttribute("aria-pressed", String(option === picked));
    }
    element.classList.toggle("qti-picking", picked !== null);
    for (const region of view.regions) paintRegion(region, inside(region).map(({ option }) => option), view, words);
    list.show(placed.map((one) => ({
      text: nameOf(one), buttons: [{ name: words.remove, sign: "×", run: () => take(one) }],
    })));
  };
  const change = (next) => {
    placed = inReadingOrder(next);
    picked = null;
    paint();
    const answer = placed.map(({ option, region }) => `${option.choice} ${region.choice}`);
    context.answer(context.interaction.cardinality === "single" ? answer[0] ?? null : asAnswer(answer));
  };
  const refuse = (text) => {
    picked = null;
    paint();
    list.warn(text);
  };
  const take = (one) => {
    change(placed.filter((other) => other !== one));
    context.say(words.removed(one.option.name));
  };
  // `rest` is what stays placed: all, or all but what is being moved.
  const put = (option, region, rest = placed) => {
    const there = rest.filter((one) => one.region === region);
    // A region for one thing gives its old content back, as a gap in a text does.
    const kept = region.most === 1 ? rest.filter((one) => one.region !== region) : rest;
    if (region.most > 1 && there.length >= region.most) return refuse(words.atMostInside(region.name, region.most));
    if (there.some((one) => one.option === option)) return refuse(words.alreadyInside(region.name, option.name));
    if (most && kept.length >= most) return refuse(words.atMostPlaced(most));
    change([...kept, { option, region }]);
    context.say(words.contains(region.name, option.name));
  };
  const press = (region) => {
    if (picked) put(picked, region);
    else if (inside(region).length) take(inside(region).at(-1));
    else list.warn(words.pickFirst);
  };
  const pick = (option, byKeyboard) => {
    picked = picked === option ? null : option;
    paint();
    if (!picked) return;
    context.say(words.pickedForRegion(option.name));
    if (byKeyboard) (view.regions.find((region) => !inside(region).length) ?? view.regions[0]).control.focus();
  };

  for (const region of view.regions) {
    region.control.disabled = readOnly;
    on(region.control, "click", () => press(region));
  }
  for (const option of options) {
    on(option.button, "click", (event) => pick(option, event.detail === 0));
  }
  if (!readOnly) {
    view.onPress((event) => {
      const region = view.regionAt(event);
      if (region) press(region);
    });
    on(element, "keydown", (event) => {
      if (event.key === "Escape" && picked) {
        const { button } = picked;
        picked = null;
        paint();
        button.focus();
      }
    });
    startAll();
  }

  function startAll() {
    for (const option of options) {
      startDragging(on, option.button, {
        start: () => (free(option) ? makeGhost(option, view) : null),
        onDrop(event) {
          const region = view.covers(event) ? view.regionAt(event) : undefined;
          if (region) put(option, region);
        },
      });
    }
    let held = null;
    startDragging(on, view.holder, {
      start(event) {
        const region = view.regionAt(event);
        held = region && !picked ? inside(region).at(-1) ?? null : null;
        return held && makeGhost(held.option, view);
      },
      onDrop(event) {
        const region = view.covers(event) ? view.regionAt(event) : undefined;
        if (!region) take(held);
        else if (region !== held.region) put(held.option, region, placed.filter((one) => one !== held));
      },
    });
  }

  return {
    show(value) {
      picked = null;
      const pairs = asList(value).map((pair) => pair.split(" "));
      placed = inReadingOrder(pairs.map(([choice, region]) => ({
        option: options.find((one) => one.choice === choice), region: view.find(region),
      })).filter(({ option, region }) => option && region));
      paint();
    },
    destroy() { view.destroy(); },
  };
}

function readOption(line, place, words) {
  const picture = line.querySelector("img");
  const name = picture ? picture.alt || words.picture(place + 1) : textOf(line);
  const button = make("button", { type: "button", class: "qti-word" }, ...line.childNodes);
  if (picture) button.setAttribute("aria-label", name);
  line.replaceChildren(button);
  return { line, button, picture, name, choice: line.dataset.choice, most: Number(line.dataset.max) };
}

// What lies in a region, as large as the picture's own pixels say.
function paintRegion(region, options, view, words) {
  region.contents.replaceChildren(...options.map((option) => {
    const shown = option.picture ? option.picture.cloneNode() : make("span", { class: "qti-content-word" }, option.name);
    if (option.picture) shown.style.width = view.percent(Number(option.picture.getAttribute("width")), region.box.width);
    return shown;
  }));
  view.paint(region, { chosen: options.length > 0 });
  const names = options.map(({ name }) => name).join(", ");
  region.control.setAttribute("aria-label", names ? words.contains(region.name, names) : words.emptyRegion(region.name));
}

function makeGhost(option, view) {
  const ghost = (option.picture ?? option.button).cloneNode(true);
  const width = option.picture ? Number(option.picture.getAttribute("width")) * view.scale : option.button.offsetWidth;
  const height = option.picture ? Number(option.picture.getAttribute("height")) * view.scale : option.button.offsetHeight;
  ghost.style.width = `${width}px`;
  return { ghost, anchor: { x: width / 2, y: height / 2 } };
}
