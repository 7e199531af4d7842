// A search field over a table of this page: <input data-filter="table id">. "/" goes to it, Escape empties it.
// The table may be replaced while the page lives (live parts), so rows are looked up at every use.
for (const field of document.querySelectorAll("[data-filter]")) {
  const apply = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of document.querySelectorAll(`#${field.dataset.filter} tbody tr`)) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  };
  field.addEventListener("input", apply);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    field.value = "";
    apply();
  });
  const table = document.getElementById(field.dataset.filter);
  const frame = table?.closest("[data-live]");
  if (frame) new MutationObserver(apply).observe(frame, {childList: true});
}

document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, textarea, select");
  if (event.key !== "/" || writing) return;
  const field = document.querySelector("[data-filter], #filter");
  if (field) {
    event.preventDefault();
    field.focus();
  }
});
