// The drawing pad: strokes by mouse, touch, pen or keyboard on a 280 x 280 square, y down.
// Streamlit calls main again on every re-render; there is one Pad per mounted element.
// pad_shapes.js (drawing shapes) and files.js (reading an image file) are appended to this file.

const SIDE = 280;
const WIDTHS = [[8, "Thin pen", 6], [18, "Medium pen", 12], [30, "Thick pen", 20]];
const STEP = 8; // how far an arrow key moves the pen
const NEAR = 1.2; // points closer than this to the last one are skipped

const pads = new WeakMap();

function main(component) {
  const { parentElement, data, setStateValue, setTriggerValue } = component;
  let pad = pads.get(parentElement);
  if (!pad) {
    pad = new Pad(parentElement);
    pads.set(parentElement, pad);
  }
  pad.update(data, setStateValue, setTriggerValue);
  return () => pad.close();
}

class Pad {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.board = find(".board");
    this.ink = find(".ink");
    this.overlay = find(".evidence");
    this.picture = find(".picture");
    this.prompt = find(".prompt");
    this.rail = find(".rail");
    this.reading = find(".reading");
    this.buttons = { undo: find(".undo"), redo: find(".redo"), clear: find(".clear") };
    this.history = [[]]; // every drawing so far, for undo and redo
    this.at = 0;
    this.live = null; // the current stroke
    this.pointer = null;
    this.cursor = { x: SIDE / 2, y: SIDE / 2, down: false, shown: false };
    this.revision = null;
    this.onMoment = (event) => this.showMoment(event.detail);
    this.onPaste = (event) => this.sendFile(pastedPicture(event));
    this.listen();
    this.widths = this.makeWidths(find(".widths"));
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.board);
  }

  get strokes() { return this.history[this.at]; }

  update(data, setStateValue, setTriggerValue) {
    this.data = data;
    this.send = setStateValue;
    this.trigger = setTriggerValue;
    document.addEventListener("zoo-evidence", this.onMoment);
    document.addEventListener("paste", this.onPaste); // adding the same listener again has no effect
    this.pen ??= data.pen;
    if (data.revision !== this.revision) { // the server put another drawing on the pad
      this.revision = data.revision;
      this.history = data.strokes.length ? [[], data.strokes] : [[]];
      this.at = this.history.length - 1;
      this.pen = data.pen;
    }
    if (data.evidence && !this.evidence) this.board.scrollIntoView({ block: "nearest" }); // on a phone it may be off the screen
    this.evidence = this.live ? null : data.evidence;
    this.picture.hidden = !data.picture;
    if (data.picture && this.picture.src !== data.picture) this.picture.src = data.picture;
    this.picture.alt = data.picture ? "Your image" : "";
    this.prompt.textContent = data.prompt;
    this.ink.setAttribute("aria-label",
      `${data.prompt}. Keyboard: arrow keys move the pen, Space lowers or lifts it.`);
    this.makeExamples(data.examples);
    this.reading.textContent = data.evidence ? data.evidence.words : ""; // stays until the next one arrives
    this.draw();
    document.dispatchEvent(new Event("zoo-evidence-shown")); // a slider may stand at an earlier moment of the training
  }

  showMoment(evidence) { // of rewind.js: the evidence at a moment of the training
    if (!this.evidence || this.evidence.input !== evidence.input) return;
    this.evidence = evidence;
    this.reading.textContent = evidence.words;
    this.draw();
  }

  close() {
    this.watcher.disconnect();
    document.removeEventListener("paste", this.onPaste);
    document.removeEventListener("zoo-evidence", this.onMoment);
  }

  // --- events -----------------------------------------------------------------------------

  sendFile(file) {
    readPicture(file, this.data.limit, this.reading, (data) => this.trigger("file", data));
  }

  listen() {
    const { ink } = this;
    ink.addEventListener("pointerdown", (event) => this.press(event));
    ink.addEventListener("pointermove", (event) => this.move(event));
    ink.addEventListener("pointerup", (event) => this.lift(event));
    ink.addEventListener("pointercancel", (event) => this.lift(event));
    ink.addEventListener("pointerleave", () => this.describe(null));
    ink.addEventListener("contextmenu", (event) => event.preventDefault());
    ink.addEventListener("keydown", (event) => this.key(event));
    ink.addEventListener("blur", () => { this.finish(); this.cursor.shown = false; this.draw(); });
    this.board.addEventListener("dragover", (event) => { event.preventDefault(); this.board.classList.add("over"); });
    this.board.addEventListener("dragleave", () => this.board.classList.remove("over"));
    this.board.addEventListener("drop", (event) => {
      event.preventDefault();
      this.board.classList.remove("over");
      this.sendFile(event.dataTransfer.files[0]);
    });
    this.buttons.undo.addEventListener("click", () => this.step(-1));
    this.buttons.redo.addEventListener("click", () => this.step(1));
    this.buttons.clear.addEventListener("click", () => this.change([]));
  }

  press(event) {
    if (event.button > 0 || this.pointer !== null) return; // one finger draws, a resting palm does not
    event.preventDefault();
    this.ink.focus({ preventScroll: true, focusVisible: false });
    this.ink.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.begin(this.place(event));
  }

  move(event) {
    if (event.pointerId !== this.pointer) {
      if (this.evidence) this.describe(this.place(event));
      return;
    }
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length ? parts : [event]) this.extend(this.place(part));
    this.draw();
  }

  lift(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.finish();
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const command = event.ctrlKey || event.metaKey;
    const letter = event.key.toLowerCase();
    if (command && letter === "z") this.step(event.shiftKey ? 1 : -1);
    else if (command && letter === "y") this.step(1);
    else if (moves[event.key]) this.steer(...moves[event.key]);
    else if (event.key === " " || event.key === "Enter") this.cursor.down ? this.finish() : this.lower();
    else if (event.key === "Escape" && this.cursor.down) this.finish();
    else return;
    event.preventDefault();
  }

  steer(dx, dy) {
    const { cursor } = this;
    cursor.shown = true;
    cursor.x = bounded(cursor.x + dx * STEP);
    cursor.y = bounded(cursor.y + dy * STEP);
    if (cursor.down) this.extend([cursor.x, cursor.y]);
    this.draw();
  }

  lower() {
    this.cursor.down = this.cursor.shown = true;
    this.begin([this.cursor.x, this.cursor.y]);
  }

  // --- the drawing --------------------------------------------------------------------------

  begin(point) {
    this.live = [point];
    this.evidence = null;
    this.draw();
  }

  extend(point) {
    const last = this.live.at(-1);
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= NEAR) this.live.push(point);
  }

  finish() {
    this.cursor.down = false;
    if (!this.live) return;
    const stroke = this.live;
    this.live = null;
    this.change([...this.strokes, stroke]);
  }

  change(strokes) {
    this.history = [...this.history.slice(0, this.at + 1), strokes];
    this.at = this.history.length - 1;
    this.submit();
  }

  step(by) {
    const to = this.at + by;
    if (to < 0 || to >= this.history.length) return;
    this.at = to;
    this.submit();
  }

  submit() {
    this.picture.hidden = true;
    this.evidence = null;
    this.draw();
    performance.mark("zoo-stroke-end");
    this.send("drawing", { strokes: this.strokes, pen: this.pen, revision: this.revision });
  }

  place(event) { // a pointer's position in pad pixels, to a tenth
    const box = this.ink.getBoundingClientRect();
    return [
      bounded((event.clientX - box.left) * SIDE / box.width),
      bounded((event.clientY - box.top) * SIDE / box.height),
    ];
  }

  // --- drawing on the canvas----------------------------------------------------------------

  draw() {
    if (!this.data) return;
    const colour = getComputedStyle(this.board).color;
    const brush = canvas(this.ink, this.board);
    brush.strokeStyle = brush.fillStyle = colour;
    brush.lineCap = brush.lineJoin = "round";
    brush.lineWidth = this.pen;
    for (const stroke of this.live ? [...this.strokes, this.live] : this.strokes) line(brush, stroke);
    if (this.cursor.shown) this.drawCursor(brush);
    drawEvidence(canvas(this.overlay, this.board), this.evidence);
    this.prompt.hidden = Boolean(this.live || this.strokes.length || !this.picture.hidden);
    this.prompt.style.display = this.prompt.hidden ? "none" : "";
    this.buttons.undo.disabled = this.at === 0;
    this.buttons.redo.disabled = this.at === this.history.length - 1;
    this.buttons.clear.disabled = !this.strokes.length && this.picture.hidden;
    for (const [pen, button] of this.widths) button.setAttribute("aria-pressed", String(pen === this.pen));
  }

  drawCursor(brush) {
    const { x, y, down } = this.cursor;
    brush.save();
    brush.lineWidth = 2;
    brush.strokeStyle = getComputedStyle(this.board).getPropertyValue("--st-primary-color");
    brush.beginPath();
    brush.arc(x, y, down ? 5 : 10, 0, 2 * Math.PI);
    brush.stroke();
    brush.restore();
  }

  describe(point) { // the evidence under the pointer, in words
    const { evidence } = this;
    if (!evidence) return;
    this.reading.textContent = (point && describeAt(evidence, point)) || evidence.words;
  }

  makeWidths(place) {
    return WIDTHS.map(([pen, name, size]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = name;
      button.setAttribute("aria-label", name);
      button.innerHTML = `<i style="width:${size}px;height:${size}px"></i>`;
      button.addEventListener("click", () => {
        if (pen === this.pen) return;
        this.pen = pen;
        if (this.strokes.length) this.submit();
        else this.draw();
      });
      place.append(button);
      return [pen, button];
    });
  }

  makeExamples(examples) {
    const list = JSON.stringify(examples);
    if (list === this.examples) return;
    this.examples = list;
    this.rail.replaceChildren(...examples.map((example) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = `Try this: ${example.title}`;
      button.setAttribute("aria-label", `Example: ${example.title}`);
      button.append(thumbnail(example.strokes, example.pen));
      button.addEventListener("click", () => {
        this.pen = example.pen;
        this.change(example.strokes);
      });
      return button;
    }));
  }
}
