// Regions of a picture to choose: native radio buttons or checkboxes that lie over it.
import { asAnswer, asList } from "../dom.js";
import { AnswerList } from "./answer_list.js";
import { PictureView } from "./picture.js";

export function mountHotspot(element, context) {
  const view = new PictureView(element.querySelector(".qti-picture"), context);
  const { on } = view.listening;
  const single = context.interaction.cardinality === "single";
  const most = Number(element.dataset.max);
  const list = new AnswerList(element, context, { onClear: clear });

  const chosen = () => view.regions.filter(({ input }) => input.checked);
  const paint = () => {
    for (const region of view.regions) view.paint(region, { chosen: region.input.checked });
    list.show(chosen().map(({ name }) => ({ text: name })));
  };
  const send = () => {
    paint();
    const answer = chosen().map(({ choice }) => choice);
    context.answer(single ? answer[0] ?? null : asAnswer(answer));
  };
  const change = (input) => {
    if (!single && most && chosen().length > most) {
      input.checked = false;
      paint();
      list.warn(context.words.atMost(most));
    } else {
      send();
    }
  };
  function clear() {
    view.regions.forEach(({ input }) => { input.checked = false; });
    view.regions[0].input.focus();
    send();
  }

  for (const { input } of view.regions) {
    input.disabled = context.readOnly;
    on(input, "change", () => change(input));
  }
  if (!context.readOnly) {
    view.onPress((event) => {
      const region = view.regionAt(event);
      region?.input.focus({ preventScroll: true });
      region?.input.click();
    });
  }
  return {
    show(value) {
      const shown = asList(value);
      view.regions.forEach(({ input, choice }) => { input.checked = shown.includes(choice); });
      paint();
    },
    destroy() { view.destroy(); },
  };
}
