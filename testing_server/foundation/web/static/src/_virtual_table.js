// A table of any length that has only its visible rows in the page. Rows are of one height; the rest is empty space.
// Keyboard: arrows, PageUp, PageDown, Home, End move the chosen row; `onKey(row, key)` gets the others.
const SPARE = 6;

export class VirtualTable {
  // `frame` scrolls, `table` is in it; `drawRow(row)` gives a <tr>.
  constructor(frame, table, rowHeight, drawRow, onKey) {
    Object.assign(this, {frame, table, rowHeight, drawRow, onKey, rows: [], chosen: 0, waiting: false});
    this.body = table.tBodies[0];
    frame.addEventListener("scroll", () => this.plan(false), {passive: true});
    new ResizeObserver(() => this.plan()).observe(frame);
    table.addEventListener("keydown", (event) => this.press(event));
  }

  show(rows) {
    this.rows = rows;
    this.chosen = Math.min(this.chosen, Math.max(0, rows.length - 1));
    this.table.setAttribute("aria-rowcount", String(rows.length + 1));
    this.plan();
  }

  // `isNew`: what rows say has changed; scrolling alone draws only when other rows come into sight
  plan(isNew = true) {
    this.isStale ||= isNew;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    const first = Math.max(0, Math.floor(this.frame.scrollTop / this.rowHeight) - SPARE);
    const last = Math.min(this.rows.length, first + Math.ceil(this.frame.clientHeight / this.rowHeight) + 2 * SPARE);
    if (!this.isStale && Math.abs(first - this.first) < SPARE && first + this.drawn >= Math.min(last, this.rows.length) - SPARE) return;
    Object.assign(this, {first, drawn: last - first, isStale: false});
    const drawn = [];
    for (let number = first; number < last; number++) {
      const row = this.drawRow(this.rows[number]);
      row.id = `row-${number}`;
      row.setAttribute("aria-rowindex", String(number + 2));
      row.dataset.number = String(number);
      if (number === this.chosen) row.setAttribute("aria-selected", "true");
      drawn.push(row);
    }
    this.body.replaceChildren(this.space(first), ...drawn, this.space(this.rows.length - last));
    this.table.setAttribute("aria-activedescendant", `row-${this.chosen}`);
  }

  space(count) {
    const row = document.createElement("tr");
    row.className = "board-space";
    row.style.height = `${count * this.rowHeight}px`;
    row.setAttribute("aria-hidden", "true");
    return row;
  }

  press(event) {
    if (event.target !== this.table || event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.frame.clientHeight / this.rowHeight) - 2);
    const places = {ArrowDown: this.chosen + 1, ArrowUp: this.chosen - 1, PageDown: this.chosen + page,
      PageUp: this.chosen - page, Home: 0, End: this.rows.length - 1};
    if (event.key in places) {
      event.preventDefault();
      this.choose(places[event.key]);
    } else if (this.rows[this.chosen] && this.onKey(this.rows[this.chosen], event.key)) event.preventDefault();
  }

  choose(number) {
    this.chosen = Math.max(0, Math.min(number, this.rows.length - 1));
    const head = this.table.tHead?.offsetHeight ?? 0;
    const top = this.chosen * this.rowHeight;
    if (top < this.frame.scrollTop) this.frame.scrollTop = top;
    else if (top + this.rowHeight + head > this.frame.scrollTop + this.frame.clientHeight) {
      this.frame.scrollTop = top + this.rowHeight + head - this.frame.clientHeight;
    }
    this.plan();
  }
}
