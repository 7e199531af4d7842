// Points to show on a picture.
import { asList, make } from "../dom.js";
import { PictureView } from "./picture.js";
import { PointLayer, readPoint } from "./points.js";

export function mountSelectPoint(element, context) {
  const view = new PictureView(element.querySelector(".qti-picture"), context);
  const { words } = context;
  const layer = new PointLayer(element, view, context, {
    armed: true,
    hint: words.pointHint,
    name: (place) => words.point(place + 1),
    makePin: (place) => make(
      "span", { class: "qti-ring", "aria-hidden": "true" }, make("span", { class: "qti-badge" }, String(place + 1)),
    ),
  });
  return {
    show(value) { layer.show(asList(value).map(readPoint)); },
    destroy() { view.destroy(); },
  };
}
