// The photo frame: a photo is chosen, dropped or pasted, and the file is sent to the server unchanged.
// Streamlit calls main again on every re-render; one Frame lives for each mounted element.
// pad_shapes.js (colours and words of evidence) and files.js (reading a file) are appended to this file.

const SIDE = 280; // the square in which evidence is laid out

const frames = new WeakMap();

function main(component) {
  const { parentElement, data, setTriggerValue } = component;
  let frame = frames.get(parentElement);
  if (!frame) {
    frame = new Frame(parentElement);
    frames.set(parentElement, frame);
  }
  frame.update(data, setTriggerValue);
  return () => frame.close();
}

class Frame {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.board = find(".board");
    this.picture = find(".picture");
    this.overlay = find(".evidence");
    this.prompt = find(".prompt");
    this.rail = find(".rail");
    this.reading = find(".reading");
    this.file = find(".file");
    this.clear = find(".clear");
    this.onMoment = (event) => this.showMoment(event.detail);
    this.onPaste = (event) => this.sendFile(pastedPicture(event));
    this.listen(find(".choose"));
    this.watcher = new ResizeObserver(() => this.draw());
    this.open();
  }

  open() {
    if (this.isOpen) return;
    this.isOpen = true;
    document.addEventListener("paste", this.onPaste);
    document.addEventListener("zoo-evidence", this.onMoment);
    this.watcher.observe(this.board);
  }

  close() {
    this.isOpen = false;
    document.removeEventListener("paste", this.onPaste);
    document.removeEventListener("zoo-evidence", this.onMoment);
    this.watcher.disconnect();
  }

  update(data, setTriggerValue) {
    this.open();
    this.send = setTriggerValue;
    if (data.evidence && !this.data?.evidence) this.board.scrollIntoView({ block: "nearest" }); // on a phone it may be off the screen
    this.data = data;
    if (data.picture && this.picture.src !== data.picture) this.picture.src = data.picture;
    this.picture.hidden = !data.picture;
    this.picture.alt = data.picture ? "Your photo" : "";
    this.prompt.hidden = Boolean(data.picture);
    this.prompt.textContent = `${data.prompt}: click, drop or paste`;
    this.board.classList.toggle("empty", !data.picture);
    this.board.setAttribute("aria-label", data.picture ? "Choose another photo" : this.prompt.textContent);
    this.clear.disabled = !data.picture;
    this.reading.textContent = data.evidence ? data.evidence.words : "";
    this.makeExamples(data.examples);
    this.draw();
    document.dispatchEvent(new Event("zoo-evidence-shown")); // a slider may stand at an earlier moment of the training
  }

  showMoment(evidence) { // of rewind.js: the evidence at a moment of the training
    if (!this.data?.evidence || this.data.evidence.input !== evidence.input) return;
    this.data = { ...this.data, evidence };
    this.reading.textContent = evidence.words;
    this.draw();
  }

  // --- events -----------------------------------------------------------------------------

  listen(choose) {
    const { board, file } = this;
    for (const button of [board, choose]) button.addEventListener("click", () => file.click());
    file.addEventListener("change", () => { this.sendFile(file.files[0]); file.value = ""; });
    this.clear.addEventListener("click", () => this.send("clear", true));
    board.addEventListener("dragover", (event) => { event.preventDefault(); board.classList.add("over"); });
    board.addEventListener("dragleave", () => board.classList.remove("over"));
    board.addEventListener("drop", (event) => {
      event.preventDefault();
      board.classList.remove("over");
      this.sendFile(event.dataTransfer.files[0]);
    });
    board.addEventListener("pointermove", (event) => this.describe(event));
    board.addEventListener("pointerleave", () => this.describe(null));
  }

  sendFile(file) {
    readPicture(file, this.data.limit, this.reading, (data) => this.send("file", data));
  }

  // --- drawing ----------------------------------------------------------------------------

  draw() { // a smooth heat map: one pixel per cell, enlarged, with signs in the strongest cells
    if (!this.data) return;
    const brush = canvas(this.overlay, this.board);
    const evidence = this.data.evidence;
    if (!evidence) return;
    const small = document.createElement("canvas");
    [small.width, small.height] = [evidence.columns, evidence.rows];
    const pixels = small.getContext("2d").createImageData(evidence.columns, evidence.rows);
    evidence.values.forEach((value, index) => {
      const colour = value > 0 ? FOR : AGAINST;
      pixels.data.set([...colour, 200 * Math.abs(value)], 4 * index);
    });
    small.getContext("2d").putImageData(pixels, 0, 0);
    brush.imageSmoothingQuality = "high";
    brush.drawImage(small, evidence.left, evidence.top, evidence.width, evidence.height);
    this.drawSigns(brush, evidence);
  }

  drawSigns(brush, evidence) {
    const [wide, high] = [evidence.width / evidence.columns, evidence.height / evidence.rows];
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.font = `bold ${Math.min(wide, high) / 2}px sans-serif`;
    brush.fillStyle = "white";
    evidence.values.forEach((value, index) => {
      if (Math.abs(value) < STRONG) return;
      const x = evidence.left + (index % evidence.columns + 0.5) * wide;
      const y = evidence.top + (Math.floor(index / evidence.columns) + 0.5) * high;
      brush.fillText(value > 0 ? "+" : "\u2212", x, y);
    });
  }

  describe(event) { // the evidence under the pointer, in words
    const evidence = this.data?.evidence;
    if (!evidence) return;
    const box = this.board.getBoundingClientRect();
    const point = event && [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
    this.reading.textContent = (point && describeAt(evidence, point)) || evidence.words;
  }

  makeExamples(examples) {
    const list = JSON.stringify(examples);
    if (list === this.examples) return;
    this.examples = list;
    this.rail.replaceChildren(...examples.map((example, number) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = `Try this: ${example.title}`;
      button.setAttribute("aria-label", `Example: ${example.title}`);
      const image = document.createElement("img");
      image.src = example.address;
      image.alt = "";
      button.append(image);
      button.addEventListener("click", () => this.send("example", number));
      return button;
    }));
  }
}
