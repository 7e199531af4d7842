// How content is called aloud where only a text can be: pictures by what is said in place of them, formulas as one
// would type them in a line.
const JOINED = {
  mfrac: (top, bottom) => `${group(top)}/${group(bottom)}`,
  msqrt: (...inside) => `√(${inside.join("")})`,
  mroot: (inside, index) => `${index}√(${inside})`,
  msup: (base, above) => `${base}^${group(above)}`,
  msub: (base, below) => `${base}_${group(below)}`,
  msubsup: (base, below, above) => `${base}_${group(below)}^${group(above)}`,
  munder: (base, below) => `${base}_${group(below)}`,
  mover: (base, above) => `${base}^${group(above)}`,
  munderover: (base, below, above) => `${base}_${group(below)}^${group(above)}`,
  mtr: (...cells) => `${cells.join(", ")}; `,
};

export function nameOf(node) {
  const copy = node.cloneNode(true);
  for (const image of copy.querySelectorAll("img")) image.replaceWith(` ${image.alt} `);
  for (const formula of copy.querySelectorAll("math")) formula.replaceWith(` ${sayFormula(formula)} `);
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function sayFormula(node) {
  const parts = [...node.children].map(sayFormula);
  if (parts.length === 0) return node.textContent.trim();
  return (JOINED[node.localName] ?? ((...all) => all.join("")))(...parts);
}

function group(text) {
  return text.length > 1 ? `(${text})` : text;
}
