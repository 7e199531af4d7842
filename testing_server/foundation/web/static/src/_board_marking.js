// How far marking is, beside the board: the numbers of each school, and the part drawn by the server with subjects and
// experts of the territory or of one school. What is open stays open while it is fetched again.
import {fill, make} from "./_boards.js";

export class Marking {
  constructor(part) {
    this.part = part;
    this.counts = new Map();
    this.school = "";
    this.territory = "";
    part.addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-school]");
      if (chosen) this.showSchool(chosen.dataset.school);
    });
  }

  // tallies: [[school, marked, waiting, third ones waiting]]. Returns whether a number is another one now.
  apply(tallies, isWhole) {
    let changed = isWhole;
    if (isWhole) this.counts.clear();
    for (const [school, ...counts] of tallies) {
      changed ||= String(this.counts.get(school)) !== String(counts);
      this.counts.set(school, counts);
    }
    if (changed) this.refresh();
    return changed;
  }

  setTerritory(territory) {
    if (territory === this.territory) return;
    this.territory = territory;
    this.school = "";
    this.refresh();
  }

  async showSchool(school) {
    this.school = school;
    await this.refresh(true);
    this.part.querySelector("summary")?.focus();
    this.part.scrollIntoView({block: "nearest"});
  }

  async refresh(isChosen = false) {
    const asked = new URLSearchParams({territory: this.territory, school: this.school});
    const answer = await fetch(`${this.part.dataset.from}&${asked}`).catch(() => null);
    if (!answer?.ok) return;
    const wasOpen = this.part.querySelector("details")?.open ?? false;
    const chosen = this.part.contains(document.activeElement) ? document.activeElement.dataset.school ?? null : null;
    const inSummary = document.activeElement?.matches?.("#marking summary") ?? false;
    this.part.innerHTML = await answer.text();
    const details = this.part.querySelector("details");
    if (details) details.open = wasOpen || isChosen;
    // whoever goes through the part by keyboard stays where they were
    if (inSummary) details?.querySelector("summary").focus();
    else if (chosen !== null) [...this.part.querySelectorAll("[data-school]")].find((one) => one.dataset.school === chosen)?.focus();
  }

  // What stands in a school's cell under the sign of the step; null where nothing of it is marked.
  drawCounts(school, title, texts) {
    const counts = this.counts.get(school);
    if (!counts || !(counts[0] + counts[1])) return null;
    const [done, left, thirds] = counts;
    const said = fill(texts.marked, {step: title, done, all: done + left, thirds});
    const button = make("button", {type: "button", class: "board-sum board-marked", tabindex: "-1", title: said, "aria-label": said},
      make("span", {}, `${done}/${done + left}`), thirds ? make("b", {}, fill(texts.third, {n: thirds})) : "");
    button.addEventListener("click", () => this.showSchool(school));
    return button;
  }
}
