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
    if (event.button === 0 && event.isPrimary) from = event;
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
      source.setPointerCapture(event.pointerId);
      if (dragged.ghost) placeGhost(dragged.ghost);
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

function placeGhost(ghost) {
  ghost.classList.add("qti-dragged", "qti-ghost");
  ghost.setAttribute("aria-hidden", "true");
  document.body.append(ghost);
}
