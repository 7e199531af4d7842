// Points on a picture, each with a pin: placed by click or tap, dragged, or set with a crosshair by arrow keys.
// Shared by selecting points and by positioning objects, which differ in the pin and in that an object is picked up
// before it is placed.
import { make } from "../dom.js";
import { AnswerList } from "./answer_list.js";
import { startDragging } from "./drag.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class PointLayer {
  // makePin(place) gives the element of one pin; name(place) its name; `armed` says whether a press places a point
  // at once; onRest() is told when nothing is held any more.
  constructor(element, view, context, { makePin, name, armed, hint, onRest = () => {} }) {
    Object.assign(this, { element, view, context, makePin, name, armed, onRest, alwaysArmed: armed });
    this.most = Number(element.dataset.max);
    this.points = [];
    this.pins = [];
    this.moving = null;
    this.cursor = { x: Math.round(view.width / 2), y: Math.round(view.height / 2) };
    this.list = new AnswerList(element, context, { onClear: () => this.change([]) });
    this.list.onEmptied = () => this.field.focus();
    this.layer = make("div", { class: "qti-pins" });
    this.crosshair = make("div", { class: "qti-crosshair", "aria-hidden": "true", hidden: true });
    this.hint = make("p", { class: "qti-hint", id: `hint-${context.interaction.id}` }, hint);
    this.field = make("div", {
      class: "qti-field", role: "application", tabindex: armed ? "0" : "-1",
      "aria-label": context.words.crosshair, "aria-describedby": this.hint.id,
    }, this.crosshair);
    view.holder.append(this.layer);
    if (context.readOnly) return;
    element.querySelector(".qti-work, .qti-supply").before(this.hint);
    view.holder.append(this.field);
    this.listen();
  }

  listen() {
    const { on } = this.view.listening;
    this.view.onPress((event) => { if (this.ready) this.place(this.view.pointAt(event)); });
    on(this.field, "keydown", (event) => this.pressKey(event));
    on(this.field, "focus", () => this.showCrosshair(this.field.matches(":focus-visible")));
    on(this.field, "blur", () => this.showCrosshair(false));
  }

  get ready() { return this.armed || this.moving !== null; }

  show(points) {
    this.points = points;
    this.moving = null;
    this.paint();
  }

  change(points) {
    this.points = points;
    this.rest();
    const answer = points.map(({ x, y }) => `${x} ${y}`);
    const single = this.context.interaction.cardinality === "single";
    this.context.answer(single ? answer[0] ?? null : answer.length ? answer : null);
  }

  // Nothing is picked up or being moved any more.
  rest() {
    this.moving = null;
    this.armed = this.alwaysArmed;
    this.paint();
    this.onRest();
  }

  arm() {
    this.moving = null;
    this.armed = true;
    this.paint();
  }

  place(point) {
    const { words, say } = this.context;
    const next = [...this.points];
    if (this.moving !== null) next[this.moving] = point;
    else if (this.most === 1) next[0] = point;
    else if (this.most && next.length >= this.most) return this.list.warn(words.atMostPoints(this.most));
    else next.push(point);
    const place = this.moving ?? next.length - 1;
    this.cursor = point;
    this.change(next);
    say(words.pointSet(this.name(place, next.length), point.x, point.y));
  }

  remove(place) {
    if (!this.points.length) return;
    const name = this.name(place, this.points.length);
    this.change(this.points.filter((_, other) => other !== place));
    this.context.say(this.context.words.pointRemoved(name));
  }

  // Takes hold of a point: the next press, or Enter at the crosshair, puts it down.
  hold(place, byKeyboard) {
    this.moving = this.moving === place ? null : place;
    this.paint();
    if (this.moving === null) return;
    this.cursor = this.points[place];
    this.context.say(this.context.words.holding(this.name(place, this.points.length)));
    if (byKeyboard) this.focusField();
  }

  focusField() {
    this.field.focus();
    this.showCrosshair(true);
  }

  pressKey(event) {
    if (STEPS[event.key]) this.moveCrosshair(event);
    else if (event.key === "Enter" || event.key === " ") this.pressEnter();
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(this.findNearest());
    else if (event.key === "Escape" && this.ready) this.rest();
    else return;
    event.preventDefault();
  }

  pressEnter() {
    if (this.ready) this.place(this.cursor);
    else if (this.points.length) this.hold(this.findNearest(), true);
  }

  // An arrow moves by a hundredth of the picture, with Shift by a tenth, with Control by one pixel.
  moveCrosshair(event) {
    const hundredth = Math.max(1, Math.round(Math.max(this.view.width, this.view.height) / 100));
    const step = event.ctrlKey ? 1 : event.shiftKey ? hundredth * 10 : hundredth;
    const [x, y] = STEPS[event.key];
    this.cursor = this.view.clamp({ x: this.cursor.x + x * step, y: this.cursor.y + y * step });
    this.showCrosshair(true);
    this.context.say(`${this.cursor.x}, ${this.cursor.y}`);
  }

  showCrosshair(shown) {
    this.crosshair.hidden = !shown;
    this.put(this.crosshair, this.cursor);
  }

  put(pin, { x, y }) {
    pin.style.left = this.view.percent(x, this.view.width);
    pin.style.top = this.view.percent(y, this.view.height);
  }

  findNearest() {
    const far = this.points.map(({ x, y }) => Math.hypot(x - this.cursor.x, y - this.cursor.y));
    return far.indexOf(Math.min(...far));
  }

  paint() {
    const { words, readOnly } = this.context;
    this.pins = this.points.map((point, place) => {
      const pin = this.makePin(place, this.points.length);
      pin.classList.add("qti-pin");
      pin.classList.toggle("qti-picked", place === this.moving);
      this.put(pin, point);
      if (!readOnly) this.listenToPin(pin, place);
      return pin;
    });
    this.layer.replaceChildren(...this.pins);
    this.element.classList.toggle("qti-picking", this.ready && !this.alwaysArmed);
    this.put(this.crosshair, this.cursor);
    this.list.show(this.points.map(({ x, y }, place) => ({
      text: words.pointAt(this.name(place, this.points.length), x, y),
      buttons: [
        { name: words.move, sign: "✥", run: () => this.hold(place, true) },
        { name: words.remove, sign: "×", run: () => this.remove(place) },
      ],
    })));
  }

  listenToPin(pin, place) {
    let grip = null;
    const on = (target, type, handler) => target.addEventListener(type, handler);
    on(pin, "click", () => this.hold(place, false));
    startDragging(on, pin, {
      start: (event) => {
        const from = this.view.pointAt(event, true);
        grip = { x: from.x - this.points[place].x, y: from.y - this.points[place].y };
        return {};
      },
      onMove: (event) => this.put(pin, this.dropPoint(event, grip)),
      onDrop: (event) => {
        this.moving = place;
        this.place(this.dropPoint(event, grip));
      },
      onCancel: () => this.put(pin, this.points[place]),
    });
  }

  dropPoint(event, grip) {
    const { x, y } = this.view.pointAt(event, true);
    return this.view.clamp({ x: x - grip.x, y: y - grip.y });
  }
}

// "x y" → {x, y}
export function readPoint(text) {
  const [x, y] = text.split(" ").map(Number);
  return { x, y };
}
