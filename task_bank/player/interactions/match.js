// Rows and what belongs to them: a table of marks, or a list where each row has a select and takes a dragged
// option. An option that may be used once moves from row to row.
import Sortable from "sortablejs";
import { DRAGGING, asAnswer, asList, listening, make } from "../dom.js";
import { nameOf } from "../spoken.js";

export function mountMatch(element, context) {
  const view = element.dataset.layout === "table" ? new TableView(element, context) : new ListView(element, context);
  const { on, stop } = listening();
  const most = new Map([...element.querySelectorAll("[data-choice]")].map((one) => [one.dataset.choice, Number(one.dataset.max)]));

  const single = context.interaction.cardinality === "single";
  const mostPairs = single ? 1 : Number(element.dataset.max);

  const releaseColumn = (pair) => {
    const [row, column] = pair.split(" ");
    const others = view.pairs().filter((one) => one.split(" ")[1] === column && one !== pair);
    if (!most.get(column) || others.length < most.get(column)) return;
    view.clear(others[0]);
    if (others[0].split(" ")[0] !== row) context.say(context.words.moved(view.nameOf(others[0].split(" ")[0])));
  };
  // One pair in all: the new one takes the place of the old. More: the new one is not taken.
  const keepWithin = (pair) => {
    if (!mostPairs || view.pairs().length <= mostPairs) return;
    const others = view.pairs().filter((one) => one !== pair);
    (mostPairs === 1 ? others : [pair]).forEach((one) => view.clear(one));
    if (mostPairs > 1) context.say(context.words.atMostPairs(mostPairs));
  };
  const changed = (pair) => {
    if (pair) {
      releaseColumn(pair);
      const row = pair.split(" ")[0];
      const inRow = view.pairs().filter((one) => one.split(" ")[0] === row);
      if (most.get(row) && inRow.length > most.get(row)) {
        view.clear(pair);
        context.say(context.words.atMost(most.get(row)));
      }
      keepWithin(pair);
    }
    view.paint();
    const pairs = view.pairs();
    context.answer(single ? pairs[0] ?? null : asAnswer(pairs));
  };
  view.start(on, changed);
  return {
    show(value) {
      view.show(asList(value));
      view.paint();
    },
    destroy() {
      view.stop();
      stop();
    },
  };
}

class TableView {
  constructor(element, context) {
    this.context = context;
    this.inputs = [...element.querySelectorAll("tbody input")];
    this.rows = [...element.querySelectorAll("tbody tr")].map((line) => ({
      line,
      head: line.querySelector("th"),
      clear: make("button", { type: "button", class: "qti-clear-row" }, "×"),
    }));
  }

  start(on, changed) {
    for (const input of this.inputs) {
      input.disabled = this.context.readOnly;
      on(input, "change", () => changed(input.checked ? input.value : null));
    }
    for (const { line, head, clear } of this.context.readOnly ? [] : this.rows) {
      clear.setAttribute("aria-label", this.context.words.clearRow(nameOf(head)));
      line.append(make("td", { class: "qti-row-end" }, clear));
      on(clear, "click", () => {
        line.querySelectorAll("input").forEach((input) => { input.checked = false; });
        line.querySelector("input").focus();
        changed(null);
      });
    }
  }

  pairs() { return this.inputs.filter((input) => input.checked).map((input) => input.value); }

  clear(pair) { this.inputs.find((input) => input.value === pair).checked = false; }

  show(pairs) { this.inputs.forEach((input) => { input.checked = pairs.includes(input.value); }); }

  nameOf(row) { return nameOf(this.rows.find(({ head }) => head.dataset.choice === row).head); }

  paint() {
    for (const { line, clear } of this.rows) clear.hidden = !line.querySelector("input:checked");
    for (const input of this.inputs) input.closest("td").classList.toggle("qti-chosen", input.checked);
  }

  stop() {}
}

class ListView {
  constructor(element, context) {
    this.context = context;
    this.columns = element.querySelector(".qti-match-columns");
    this.rows = [...element.querySelectorAll(".qti-match-row")].map((row) => ({
      row, select: row.querySelector("select"), choice: row.dataset.choice,
    }));
    this.sortables = [];
  }

  start(on, changed) {
    for (const { row, select } of this.rows) {
      select.disabled = this.context.readOnly;
      on(select, "change", () => changed(select.value || null));
      // Scrolling the page over a focused list must not change an answer.
      on(select, "wheel", () => select.blur());
      if (!this.context.readOnly) this.acceptDrops(row, select, changed);
    }
    if (this.context.readOnly) return;
    this.sortables.push(Sortable.create(this.columns, {
      ...DRAGGING, sort: false, group: { name: this.group(), pull: "clone", put: false },
    }));
  }

  acceptDrops(row, select, changed) {
    this.sortables.push(Sortable.create(row, {
      ...DRAGGING,
      sort: false,
      draggable: "li",
      group: { name: this.group(), pull: false, put: true },
      onAdd: (event) => {
        // The option itself goes back to its list (Sortable left a copy there).
        event.clone.replaceWith(event.item);
        select.value = `${row.dataset.choice} ${event.item.dataset.choice}`;
        changed(select.value);
      },
    }));
  }

  group() { return `match-${this.context.interaction.id}`; }

  pairs() { return this.rows.map(({ select }) => select.value).filter(Boolean); }

  clear(pair) { this.rows.find(({ select }) => select.value === pair).select.value = ""; }

  show(pairs) {
    for (const { select, choice } of this.rows) {
      select.value = pairs.find((pair) => pair.split(" ")[0] === choice) ?? "";
    }
  }

  nameOf(row) {
    return nameOf(this.rows.find(({ choice }) => choice === row).row.querySelector(".qti-match-text")).slice(0, 40);
  }

  paint() {
    const used = this.pairs().map((pair) => pair.split(" ")[1]);
    for (const column of this.columns.children) {
      column.classList.toggle("qti-used", used.includes(column.dataset.choice));
    }
    for (const { row, select } of this.rows) row.classList.toggle("qti-answered", select.value !== "");
  }

  stop() { this.sortables.forEach((one) => one.destroy()); }
}
