// The room drawn as a table: workstations are moved by mouse or by arrows, codes by mouse or by their lists.
// Nothing is kept here: what stands on the page goes with the form.
const STEPS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};

class RoomPlan {
  constructor(table) {
    this.table = table;
    this.field = document.querySelector("#room-form [name=cells]");
    this.say = document.getElementById("room-say");
    for (const chip of table.querySelectorAll(".chip")) {
      chip.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", chip.dataset.seat));
      chip.addEventListener("keydown", (event) => this.step(event, chip));
    }
    for (const cell of table.querySelectorAll("td[data-row]")) {
      acceptDrops(cell, (seat) => this.move(table.querySelector(`.chip[data-seat="${CSS.escape(seat)}"]`), cell));
    }
  }

  step(event, chip) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const {row, place} = chip.parentElement.dataset;
    this.move(chip, this.table.querySelector(`[data-row="${Number(row) + step[0]}"][data-place="${Number(place) + step[1]}"]`));
  }

  // who stood there changes places with the one that comes
  move(chip, cell) {
    if (!chip || !cell || chip.parentElement === cell) return;
    if (cell.firstElementChild) chip.parentElement.append(cell.firstElementChild);
    cell.append(chip);
    chip.focus();
    const cells = [...this.table.querySelectorAll(".chip")].map((one) => {
      const {row, place} = one.parentElement.dataset;
      return [one.dataset.seat, [Number(row), Number(place)]];
    });
    this.field.value = JSON.stringify(Object.fromEntries(cells));
    const {row, place} = cell.dataset;
    this.say.textContent = this.table.dataset.textMoved.replace("{seat}", chip.dataset.seat).replace("{row}", row).replace("{place}", place);
  }
}

function acceptDrops(node, take) {
  node.addEventListener("dragover", (event) => event.preventDefault());
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.getData("text/plain"));
  });
}

class Seating {
  constructor(table) {
    this.lists = [...table.querySelectorAll("select")];
    for (const cell of table.querySelectorAll("td[data-seat]")) {
      const list = cell.querySelector("select");
      cell.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", list.value));
      acceptDrops(cell, (code) => this.seat(list, code));
      list.addEventListener("change", () => this.leaveOthers(list));
    }
    for (const line of document.querySelectorAll("[data-code]")) {
      line.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", line.dataset.code));
    }
  }

  // a code from another place changes with the one that sits here
  seat(list, code) {
    if (list.disabled || !code || ![...list.options].some((one) => one.value === code)) return;
    const from = this.lists.find((one) => one.value === code);
    if (from && from !== list) from.value = list.value;
    list.value = code;
  }

  leaveOthers(list) {
    for (const other of this.lists) {
      if (other !== list && list.value && other.value === list.value) other.value = "";
    }
  }
}

for (const table of document.querySelectorAll("[data-room]")) new RoomPlan(table);
for (const table of document.querySelectorAll("[data-seating]")) new Seating(table);
