// A picture with regions: lays the native controls over their shapes, tells points of the picture from places on the
// screen. Points are whole pixels of the picture as its author placed it, whatever size it has on the screen.
import { listening, make } from "../dom.js";

const NEAR = 22; // how far beside a small region a finger still means it, in pixels of the screen
const SMALL = 520; // smaller pictures are shown up to twice their size, up to this width
const SVG = "http://www.w3.org/2000/svg";

export class PictureView {
  constructor(holder, context) {
    this.holder = holder;
    this.width = Number(holder.dataset.width);
    this.height = Number(holder.dataset.height);
    this.drawing = holder.querySelector(".qti-shapes");
    Object.assign(holder.style, {
      aspectRatio: `${this.width} / ${this.height}`,
      width: `min(100%, ${Math.max(this.width, Math.min(this.width * 2, SMALL))}px)`,
    });
    const controls = [...holder.querySelectorAll(".qti-region")];
    this.regions = controls.map((control, place) => this.readRegion(control, place, context));
    this.listening = listening();
  }

  readRegion(control, place, { words, interaction }) {
    const { choice, max } = control.dataset;
    const shape = this.drawing.querySelector(`[data-region="${CSS.escape(choice)}"]`);
    const label = control.querySelector(".qti-region-label")?.textContent ?? "";
    const sign = interaction.kind === "graphic_order" ? words.letter(place) : String(place + 1);
    const name = label ? `${words.region(sign)}: ${label}` : words.region(sign);
    const badge = control.querySelector(".qti-badge");
    badge.textContent = sign;
    const box = shape.getBBox();
    this.lay(control, box);
    const corner = cornerOf(shape, box);
    badge.style.left = this.percent(corner.x - box.x, box.width);
    badge.style.top = this.percent(corner.y - box.y, box.height);
    const input = control.querySelector("input") ?? control;
    input.setAttribute("aria-label", name);
    const halo = shape.cloneNode();
    halo.setAttribute("class", "qti-halo");
    halo.removeAttribute("data-region");
    shape.before(halo);
    return { choice, control, input, shape, box, badge, sign, name, most: Number(max ?? 1) };
  }

  // Lays an element over a box of the picture.
  lay(element, box) {
    Object.assign(element.style, {
      left: this.percent(box.x, this.width), width: this.percent(box.width, this.width),
      top: this.percent(box.y, this.height), height: this.percent(box.height, this.height),
    });
  }

  // A place over a region for what is shown there; the region's control says it in its name.
  cover(region, css) {
    const cover = make("div", { class: css, "aria-hidden": "true" });
    this.lay(cover, region.box);
    this.holder.querySelector(".qti-regions").before(cover);
    return cover;
  }

  percent(part, whole) { return `${(part / whole) * 100}%`; }

  // Pixels of the screen that make one pixel of the picture.
  get scale() { return this.holder.getBoundingClientRect().width / this.width; }

  find(choice) { return this.regions.find((region) => region.choice === choice); }

  clamp({ x, y }) {
    return {
      x: Math.round(Math.min(Math.max(x, 0), this.width)), y: Math.round(Math.min(Math.max(y, 0), this.height)),
    };
  }

  pointAt({ clientX, clientY }, exact = false) {
    const box = this.holder.getBoundingClientRect();
    const point = {
      x: ((clientX - box.left) / box.width) * this.width, y: ((clientY - box.top) / box.height) * this.height,
    };
    return exact ? point : this.clamp(point);
  }

  covers({ clientX, clientY }) {
    const box = this.holder.getBoundingClientRect();
    return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
  }

  // The region under a place of the screen: the uppermost that holds it, else the nearest within reach.
  regionAt(event) {
    const { x, y } = this.pointAt(event, true);
    const over = [...this.drawing.querySelectorAll("[data-region]")].reverse();
    const hit = over.find((shape) => shape.isPointInFill(new DOMPoint(x, y)));
    if (hit) return this.find(hit.dataset.region);
    const reached = this.regions.map((region) => ({ region, distance: distance({ x, y }, region.box) * this.scale }));
    reached.sort((one, other) => one.distance - other.distance);
    return reached[0]?.distance <= NEAR ? reached[0].region : undefined;
  }

  // A click or tap on the picture; what a keyboard or screen reader presses reports itself.
  onPress(handler) {
    this.listening.on(this.holder, "click", (event) => {
      if (!event.target.closest(".qti-regions, .qti-pin")) handler(event);
    });
  }

  paint(region, { chosen = false, picked = false }) {
    for (const one of [region.shape, region.control]) {
      one.classList.toggle("qti-chosen", chosen);
      one.classList.toggle("qti-picked", picked);
    }
  }

  // A line between two points as SVG elements: a light one under a dark one, so that it shows on any picture.
  drawLine(start, end, css) {
    return ["qti-halo", css].map((name) => {
      const line = document.createElementNS(SVG, "line");
      for (const [key, value] of Object.entries({ x1: start.x, y1: start.y, x2: end.x, y2: end.y, class: name })) {
        line.setAttribute(key, value);
      }
      this.drawing.append(line);
      return line;
    });
  }

  destroy() { this.listening.stop(); }
}

export function middleOf({ box }) {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

// Where the sign of a region stands: on its outline, at the upper left.
function cornerOf(shape, box) {
  if (shape.points) return [...shape.points].sort((one, other) => one.x + one.y - other.x - other.y)[0];
  const inset = shape.tagName === "rect" ? 0 : (1 - Math.SQRT1_2) / 2;
  return { x: box.x + box.width * inset, y: box.y + box.height * inset };
}

function distance({ x, y }, box) {
  const across = Math.max(box.x - x, 0, x - box.x - box.width);
  const down = Math.max(box.y - y, 0, y - box.y - box.height);
  return Math.hypot(across, down);
}
