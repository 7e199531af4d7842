// Words or sentences to pick inside a text: the same buttons as a choice, set in the line.
import { mountChoice } from "./choice.js";

export function mountHottext(element, context) {
  return mountChoice(element, context);
}
