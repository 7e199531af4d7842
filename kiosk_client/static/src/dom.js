// Small helpers for drawing: elements from a tag, attributes and children; nothing is ever parsed from text.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Text is written only when it changed, so that screen readers are not told the same thing again.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown;
}

export function button(label, onclick, attributes = {}) {
  return make("button", { type: "button", onclick, ...attributes }, label);
}

// A button whose action takes a moment cannot be pressed twice.
export function once(label, action, attributes = {}) {
  const pressed = async () => {
    element.disabled = true;
    try {
      await action();
    } finally {
      element.disabled = false;
    }
  };
  const element = button(label, pressed, attributes);
  return element;
}

export function say(text) {
  write(document.getElementById("said"), text);
}

export function state(kind, text) {
  return make("span", { class: `state state-${kind}` }, text);
}
