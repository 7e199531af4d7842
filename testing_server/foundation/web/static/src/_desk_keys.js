// The desk by keyboard alone. Keys are read by their place, so a Russian layout does as well as a Latin one. Points
// come from digits; nothing here listens to a wheel.
function isTyping(target) {
  return target instanceof HTMLTextAreaElement || Boolean(target.closest?.("dialog, .desk-note-form"));
}

// while a reason is asked for a digit chooses it and sends: two keystrokes in all
function chooseReason(event) {
  const dialog = document.querySelector("#refer-dialog[open]");
  if (!dialog || event.target instanceof HTMLTextAreaElement || !/^[1-9]$/.test(event.key)) return false;
  const button = dialog.querySelector(`[data-key="${event.key}"]`);
  button?.click();
  return Boolean(button);
}

export function readKeys(acts) {
  const keys = {
    ArrowDown: acts.down, ArrowUp: acts.up, ArrowLeft: acts.back, ArrowRight: acts.forward, Space: acts.toggle,
    Enter: acts.save, NumpadEnter: acts.save, KeyS: acts.skip, KeyR: acts.refer, KeyM: acts.remark, KeyN: acts.place,
    KeyU: acts.undo, Backspace: acts.undo, Minus: acts.slower, NumpadSubtract: acts.slower, Equal: acts.faster,
    NumpadAdd: acts.faster,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (chooseReason(event)) {
      event.preventDefault();
      return;
    }
    // an empty desk has one key: the last answer can be called back to it
    if (isTyping(event.target) || (acts.isOff() && keys[event.code] !== acts.undo)) return;
    const pressable = event.target.closest?.("button, summary, a, [role=button]");
    if (pressable && (event.code === "Space" || event.code === "Enter")) {
      if (!(pressable instanceof HTMLImageElement)) return;
      acts.enlarge(pressable);
    } else if (/^[0-9]$/.test(event.key)) acts.give(Number(event.key));
    else if (keys[event.code]) keys[event.code]();
    else return;
    event.preventDefault();
  });
}
