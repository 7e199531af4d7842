// Dragging by mouse, pen and finger: what is pressed and moved further than a tremble follows the pointer as a copy.
//
// start(event) gives {ghost, anchor} – the copy and the point of it, in pixels, that is held to the pointer – or null
// when there is nothing to drag here; onMove(event) and onDrop(event) are told on the way and at the end.
const TREMBLE = 6;

export function startDragging(on, source, { start, onMove = () => {}, onDrop, onCancel = () => {} }) {
  let from = null;
  let dragged = null;
  let ended = false;

  const follow = (event) => {
    if (!dragged?.ghost) return;
    dragged.ghost.style.left = `${event.clientX - dragged.anchor.x}px`;
    dragged.ghost.style.top = `${event.clientY - dragged.anchor.y}px`;
  };
  const finish = () => {
    dragged?.ghost?.remove();
    from = null;
    dragged = null;
  };
  on(source, "pointerdown", (event) => {
    ended = false;
    if (event.button !== 0 || !event.isPrimary) return;
    from = event;
    // A quick hand leaves a small source before it has moved far enough to be dragging.
    source.setPointerCapture(event.pointerId);
  });
  // The click a browser makes of press and release is not meant after a drag.
  source.addEventListener("click", (event) => {
    if (ended) event.stopImmediatePropagation();
    ended = false;
  }, { capture: true });
  on(source, "pointermove", (event) => {
    if (!from || event.pointerId !== from.pointerId) return;
    if (!dragged) {
      if (Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) < TREMBLE) return;
      dragged = start(from);
      if (!dragged) { from = null; return; }
      if (dragged.ghost) placeGhost(dragged.ghost, source);
    }
    follow(event);
    onMove(event);
  });
  on(source, "pointerup", (event) => {
    if (!dragged) { from = null; return; }
    finish();
    ended = true;
    onDrop(event);
  });
  on(source, "pointercancel", () => {
    if (dragged) onCancel();
    finish();
  });
}

// Inside the item, so that it goes when the item is closed in the middle of a drag.
function placeGhost(ghost, source) {
  ghost.classList.add("qti-dragged", "qti-ghost");
  ghost.setAttribute("aria-hidden", "true");
  source.closest(".qti-item").append(ghost);
}
