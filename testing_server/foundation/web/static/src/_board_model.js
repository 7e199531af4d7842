// The board's schools in memory: sums by territory, search, filters, order. Knows nothing of the page.
// Columns as the server sends them: forty thousand schools are six arrays and not forty thousand objects.
export const WORDS = ["stopped", "offline", "attention", "running", "waiting", "ready"];
const NOTHING = "-";
const TROUBLES = 3;
const RUNNING = "3";
const READY = "5";

function makeNode(key, name, level, parent, steps) {
  return {key, name, level, parent, schools: [], children: [], contact: 0,
    ready: new Int32Array(steps), trouble: new Int32Array(steps), running: new Int32Array(steps), whole: 0};
}

export class BoardModel {
  constructor(steps) {
    this.steps = steps;
    this.count = 0;
  }

  load(snapshot) {
    const {id, login, name, place, line, contact} = snapshot.schools;
    Object.assign(this, {id, login, name, place, line, contact, count: id.length, places: snapshot.places});
    this.index = new Map(id.map((one, number) => [one, number]));
    this.searched = id.map((_, number) => `${name[number]} ${login[number]} ${this.places[place[number]].join(" ")}`.toLowerCase());
    // names are compared once: forty thousand of them in the order of a language take a quarter of a second
    this.byName = id.map((_, number) => number).sort((one, other) => compareNames(name[one], name[other]));
    this.build();
  }

  build() {
    this.root = makeNode("", "", 0, null, this.steps.length);
    const regions = new Map();
    this.leaf = this.places.map(([region, municipality]) => {
      const above = regions.get(region) ?? this.root.children[this.root.children.push(makeNode(region, region, 1, this.root, this.steps.length)) - 1];
      regions.set(region, above);
      const node = makeNode(`${region}/${municipality}`, municipality, 2, above, this.steps.length);
      above.children.push(node);
      return node;
    });
    for (const school of this.byName) {
      this.leaf[this.place[school]].schools.push(school);
      for (let node = this.leaf[this.place[school]]; node; node = node.parent) node.whole++;
      this.add(school, this.line[school], 1);
      this.noteContact(school, this.contact[school] ?? 0);
    }
  }

  add(school, line, sign) {
    for (let node = this.leaf[this.place[school]]; node; node = node.parent) {
      for (let step = 0; step < line.length; step++) {
        const letter = line[step];
        if (letter === READY) node.ready[step] += sign;
        else if (letter === RUNNING) node.running[step] += sign;
        else if (letter !== NOTHING && Number(letter) < TROUBLES) node.trouble[step] += sign;
      }
    }
  }

  noteContact(school, atMs) {
    for (let node = this.leaf[this.place[school]]; node && node.contact < atMs; node = node.parent) node.contact = atMs;
  }

  // Returns null when a school is not known here: the page then asks for everything again.
  apply({lines, contacts}) {
    let changed = false;
    for (const [id, line] of lines) {
      const school = this.index.get(id);
      if (school === undefined) return null;
      if (this.line[school] === line) continue;
      this.add(school, this.line[school], -1);
      this.line[school] = line;
      this.add(school, line, 1);
      changed = true;
    }
    for (const [id, atMs] of contacts) {
      const school = this.index.get(id);
      if (school === undefined) return null;
      if (atMs <= (this.contact[school] ?? 0)) continue;
      this.contact[school] = atMs;
      this.noteContact(school, atMs);
      changed = true;
    }
    return changed;
  }

  word(school, step) {
    const letter = this.line[school][step] ?? NOTHING;
    return letter === NOTHING ? "" : WORDS[Number(letter)];
  }

  needsPerson(school) {
    return /[012]/.test(this.line[school]);
  }

  fits(school, {words, step, state, territory}) {
    if (territory) {
      const {key, parent} = this.leaf[this.place[school]];
      if (key !== territory && parent.key !== territory) return false;
    }
    if (state && !this.fitsState(school, step, state)) return false;
    return words.every((word) => this.searched[school].includes(word));
  }

  fitsState(school, step, state) {
    if (state === "trouble") return step < 0 ? this.needsPerson(school) : Number(this.line[school][step] ?? 9) < TROUBLES;
    if (state === "undone") return step < 0 ? !/^5+$/.test(this.line[school]) : this.line[school][step] !== READY;
    return step < 0 || this.word(school, step) === state;
  }

  // Rows to draw: {node} or {school}, with `level` from 1. A search or a filter makes a plain list of schools.
  listRows(filter, order, opened) {
    if (!filter.words.length && !filter.state && !filter.territory) return this.listTree(order, opened);
    const found = [];
    for (const school of this.byName) if (this.fits(school, filter)) found.push(school);
    return this.sortSchools(found, order).map((school) => ({school, level: 1}));
  }

  listTree(order, opened) {
    const rows = [];
    const walk = (node, level) => {
      for (const child of this.sortNodes(node.children, order)) {
        rows.push({node: child, level});
        if (opened.has(child.key)) walk(child, level + 1);
      }
      for (const school of this.sortSchools([...node.schools], order)) rows.push({school, level});
    };
    // one region is no level of its own: its coordinator begins with municipalities, a municipal one with schools
    let top = this.root;
    while (top.children.length === 1) [top] = top.children;
    walk(top, 1);
    return rows;
  }

  sortNodes(nodes, {by, down}) {
    const value = (node) => by === "contact" ? -node.contact : by === "name" ? 0 : node.ready[by] / (node.whole || 1);
    const sign = down ? -1 : 1;
    return [...nodes].sort((one, other) => sign * (value(one) - value(other) || compareNames(one.name, other.name)));
  }

  // `schools` come in the order of their names, which a stable sort keeps among equals.
  sortSchools(schools, {by, down}) {
    if (by === "name") return down ? schools.reverse() : schools;
    const sign = down ? -1 : 1;
    const value = by === "contact" ? (school) => -(this.contact[school] ?? 0) : (school) => rank(this.line[school][by]);
    return schools.sort((one, other) => sign * (value(one) - value(other)));
  }

  // Tiles of the map: the parts of the territory just below the top.
  listTiles() {
    let top = this.root;
    while (top.children.length === 1) [top] = top.children;
    return this.sortNodes(top.children, {by: "name", down: false});
  }
}

const collator = new Intl.Collator("ru", {numeric: true});
const compareNames = (one, other) => one === other ? 0 : collator.compare(one, other);
// nothing said comes between what is waited for and what is ready
const rank = (letter) => letter === undefined || letter === NOTHING ? 4.5 : Number(letter);
