// Small steps every interaction takes.

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function asList(value) {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

// A list as an answer: nothing chosen is an answer taken back.
export function asAnswer(list) {
  return list.length ? list : null;
}

export function textOf(node) {
  return node.textContent.replace(/\s+/g, " ").trim();
}

// Listeners that go away together.
export function listening() {
  const controller = new AbortController();
  return {
    on(target, name, handler) { target.addEventListener(name, handler, { signal: controller.signal }); },
    stop() { controller.abort(); },
  };
}

// Options of Sortable that behave alike for mouse and touch, and let a click stay a click.
export const DRAGGING = {
  forceFallback: true,
  fallbackOnBody: true,
  fallbackTolerance: 5,
  animation: window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
  ghostClass: "qti-drag-place",
  chosenClass: "qti-drag-chosen",
  dragClass: "qti-dragged",
};
