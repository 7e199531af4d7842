// The sheet of a drawing: strokes as they were made, so that each can be undone, painted over the author's picture.
// Coordinates are pixels of the sheet, whatever its size on the screen.
const STEP = 4;
const STRIDE = 24;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Sheet {
  constructor(holder, name) {
    this.holder = holder;
    this.picture = holder.querySelector("img");
    this.canvas = document.createElement("canvas");
    this.canvas.className = "qti-canvas";
    this.canvas.setAttribute("aria-label", this.picture?.alt ? `${name}: ${this.picture.alt}` : name);
    this.cursor = document.createElement("div");
    this.cursor.className = "qti-pen-cursor";
    this.cursor.hidden = true;
    holder.append(this.canvas, this.cursor);
    this.strokes = [];
    this.restored = null;
    this.version = 0;
    this.at = null;
    this.ready = this.measure();
  }

  // The author's sizes; a picture without any has its own.
  async measure() {
    const { width, height } = this.holder.dataset;
    if (this.picture && !(Number(width) && Number(height))) await this.picture.decode().catch(() => {});
    this.canvas.width = Number(width) || this.picture?.naturalWidth || 720;
    this.canvas.height = Number(height) || this.picture?.naturalHeight || 440;
    this.holder.style.setProperty("--width", `${this.canvas.width}px`);
    this.holder.style.aspectRatio = `${this.canvas.width} / ${this.canvas.height}`;
    this.at = { x: Math.round(this.canvas.width / 2), y: Math.round(this.canvas.height / 2) };
    this.repaint();
  }

  get isEmpty() {
    const cleared = this.strokes.findLastIndex((stroke) => stroke.clear);
    const seen = this.strokes.slice(cleared + 1).some((stroke) => !stroke.erases);
    return !seen && (cleared >= 0 || !this.restored);
  }

  pointAt({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((clientX - box.left) / box.width) * this.canvas.width,
      y: ((clientY - box.top) / box.height) * this.canvas.height,
    };
  }

  // `pen()` tells colour and width, `changed()` hears of every finished stroke, `say` and `words` serve the keyboard.
  listen(on, { pen, changed, say, words }) {
    this.pen = pen;
    this.changed = changed;
    this.stroke = null;
    on(this.canvas, "pointerdown", (event) => {
      if (event.button !== 0 || !event.isPrimary) return;
      this.canvas.setPointerCapture(event.pointerId);
      this.begin(this.pointAt(event));
    });
    on(this.canvas, "pointermove", (event) => this.follow(event));
    for (const name of ["pointerup", "pointercancel"]) on(this.canvas, name, () => this.end());
    on(this.canvas, "keydown", (event) => {
      if (!this.press(event, say, words)) return;
      event.preventDefault();
      this.showCursor(Boolean(this.stroke));
    });
    on(this.canvas, "focus", () => this.showCursor(false));
    on(this.canvas, "blur", () => {
      this.end();
      this.cursor.hidden = true;
    });
  }

  begin(point) {
    this.stroke = { ...this.pen(), points: [point] };
    this.strokes.push(this.stroke);
    this.version += 1;
    this.repaint();
  }

  follow(event) {
    if (!this.stroke || !this.canvas.hasPointerCapture(event.pointerId)) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) this.stroke.points.push(this.pointAt(part));
    this.repaint();
  }

  end() {
    if (!this.stroke) return;
    this.stroke = null;
    this.changed();
  }

  // What a key does; true when it did something.
  press({ key, shiftKey }, say, words) {
    if (key === " ") {
      if (this.stroke) this.end();
      else this.begin({ ...this.at });
      say(this.stroke ? words.penDown : words.penUp);
    } else if (key === "Escape" && this.stroke) this.end();
    else if (ARROWS[key]) this.step(ARROWS[key], shiftKey ? STRIDE : STEP);
    else return false;
    return true;
  }

  step([x, y], length) {
    const clamp = (number, most) => Math.min(Math.max(number, 0), most);
    const { width, height } = this.canvas;
    this.at = { x: clamp(this.at.x + x * length, width), y: clamp(this.at.y + y * length, height) };
    if (!this.stroke) return;
    this.stroke.points.push({ ...this.at });
    this.repaint();
  }

  // Only a keyboard needs to see where its pen is.
  showCursor(isDown) {
    this.cursor.hidden = !this.canvas.matches(":focus-visible");
    this.cursor.classList.toggle("qti-pen-down", isDown);
    this.cursor.style.left = `${(this.at.x / this.canvas.width) * 100}%`;
    this.cursor.style.top = `${(this.at.y / this.canvas.height) * 100}%`;
  }

  undo() {
    this.strokes.pop();
    this.version += 1;
    this.repaint();
  }

  clear() {
    this.strokes.push({ clear: true });
    this.version += 1;
    this.repaint();
  }

  repaint() {
    paintStrokes(this.canvas.getContext("2d"), this.restored, this.strokes);
  }

  // The drawing as a PNG with the author's picture under it, on white.
  async write() {
    await this.ready;
    const page = document.createElement("canvas");
    page.width = this.canvas.width;
    page.height = this.canvas.height;
    const pen = page.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, page.width, page.height);
    if (this.picture) pen.drawImage(this.picture, 0, 0, page.width, page.height);
    pen.drawImage(this.canvas, 0, 0);
    return new Promise((resolve, reject) => {
      page.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the drawing cannot be written"))), "image/png");
    });
  }

  // Bring back a kept drawing, or an empty sheet. What came later of two wins.
  async restore(address) {
    this.version += 1;
    const { version } = this;
    let image = null;
    if (address) {
      image = new Image();
      image.src = address;
      await image.decode();
    }
    await this.ready;
    if (version !== this.version) return;
    this.restored = image;
    this.strokes = [];
    this.repaint();
  }
}

function paintStrokes(pen, restored, strokes) {
  const { width, height } = pen.canvas;
  pen.clearRect(0, 0, width, height);
  if (restored) pen.drawImage(restored, 0, 0, width, height);
  for (const stroke of strokes) {
    if (stroke.clear) pen.clearRect(0, 0, width, height);
    else paintStroke(pen, stroke);
  }
}

function paintStroke(pen, { colour, width, erases, points }) {
  pen.globalCompositeOperation = erases ? "destination-out" : "source-over";
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(points[0].x, points[0].y);
  // A touch without a move is a dot.
  for (const { x, y } of points.length > 1 ? points.slice(1) : points) pen.lineTo(x, y);
  pen.stroke();
  pen.globalCompositeOperation = "source-over";
}
