// An object to put on the picture of its stage, once or several times: pick it up, then press where it belongs; or
// drag it there. What is answered is where the object's own centre point lies.
import { asList, make } from "../dom.js";
import { startDragging } from "./drag.js";
import { PictureView } from "./picture.js";
import { PointLayer, readPoint } from "./points.js";

const PICKED = "qti-object-picked";

export function mountPositionObject(element, context) {
  const { words, readOnly } = context;
  const holder = element.closest(".qti-stage").querySelector(".qti-picture");
  const view = new PictureView(holder, context);
  const supply = element.querySelector(".qti-supply");
  const picture = supply.querySelector("img");
  const size = { x: Number(picture.getAttribute("width")), y: Number(picture.getAttribute("height")) };
  const [x, y] = element.dataset.center.split(" ").map(Number);
  const name = picture.alt || words.object(context.number);
  const button = make("button", {
    type: "button", class: "qti-take", "aria-label": words.takeObject(name), "aria-pressed": "false",
  }, picture);
  supply.replaceChildren(button);
  button.disabled = readOnly;

  const layer = new PointLayer(element, view, context, {
    armed: false,
    hint: words.objectHint,
    name: (place, count) => (count > 1 ? `${name} ${place + 1}` : name),
    makePin: makeObject,
    onRest: () => button.setAttribute("aria-pressed", "false"),
  });
  function makeObject(place, count) {
    const image = picture.cloneNode();
    image.alt = "";
    const number = count > 1 ? [make("span", { class: "qti-badge" }, String(place + 1))] : [];
    const pin = make("span", { class: "qti-object", "aria-hidden": "true" }, image, ...number);
    pin.style.width = view.percent(size.x, view.width);
    pin.style.transform = `translate(${(-x / size.x) * 100}%, ${(-y / size.y) * 100}%)`;
    return pin;
  }
  const take = (byKeyboard) => {
    if (layer.armed) return layer.rest();
    // One stage, one hand: what another interaction of this stage holds is let go.
    holder.dispatchEvent(new CustomEvent(PICKED, { detail: element }));
    layer.arm();
    button.setAttribute("aria-pressed", "true");
    context.say(words.holding(name));
    if (byKeyboard) layer.focusField();
  };

  if (!readOnly) {
    view.listening.on(holder, PICKED, (event) => { if (event.detail !== element) layer.rest(); });
    view.listening.on(button, "click", (event) => take(event.detail === 0));
    view.listening.on(layer.field, "keydown", (event) => { if (event.key === "Escape") button.focus(); });
    startDragging(view.listening.on, button, {
      start() {
        const ghost = picture.cloneNode();
        ghost.style.width = `${size.x * view.scale}px`;
        return { ghost, anchor: { x: x * view.scale, y: y * view.scale } };
      },
      onDrop(event) { if (view.covers(event)) layer.place(view.pointAt(event)); },
    });
  }
  return {
    show(value) { layer.show(asList(value).map(readPoint)); },
    destroy() { view.destroy(); },
  };
}
