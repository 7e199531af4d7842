// Lists that lie over a page (<details class="top-more">, "live-more"): a click elsewhere, a choice or Escape closes them,
// and Escape gives the keyboard back to what opened them.
const OPEN = "details.top-more[open], details.live-more[open]";

document.addEventListener("click", (event) => {
  for (const list of document.querySelectorAll(OPEN)) {
    if (!list.querySelector("summary").contains(event.target)) list.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const list of document.querySelectorAll(OPEN)) {
    const hadFocus = list.contains(document.activeElement);
    list.open = false;
    if (hadFocus) list.querySelector("summary").focus();
  }
});
