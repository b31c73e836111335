// The photo's frame: a photo comes by a click, a drop or from the clipboard, and goes to the server as the file it is.
// Streamlit calls main again on every re-render; one Frame lives for each mounted element.
// The colours and words of evidence are in pad_shapes.js and how a file is read in files.js, which are appended to this file.

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
    this.away = find(".away");
    this.pasted = (event) => this.give(pastedPicture(event));
    this.listen(find(".choose"));
    this.watcher = new ResizeObserver(() => this.draw());
    this.open();
  }

  open() {
    if (this.isOpen) return;
    this.isOpen = true;
    document.addEventListener("paste", this.pasted);
    this.watcher.observe(this.board);
  }

  close() {
    this.isOpen = false;
    document.removeEventListener("paste", this.pasted);
    this.watcher.disconnect();
  }

  update(data, setTriggerValue) {
    this.open();
    this.send = setTriggerValue;
    if (data.evidence && !this.data?.evidence) this.board.scrollIntoView({ block: "nearest" }); // on a phone it may be out of sight
    this.data = data;
    if (data.picture && this.picture.src !== data.picture) this.picture.src = data.picture;
    this.picture.hidden = !data.picture;
    this.picture.alt = data.picture ? "Your photo" : "";
    this.prompt.hidden = Boolean(data.picture);
    this.prompt.textContent = `${data.prompt}: click, drop or paste`;
    this.board.classList.toggle("empty", !data.picture);
    this.board.setAttribute("aria-label", data.picture ? "Choose another photo" : this.prompt.textContent);
    this.away.disabled = !data.picture;
    this.reading.textContent = data.evidence ? data.evidence.words : "";
    this.makeExamples(data.examples);
    this.draw();
  }

  // --- what a person does -------------------------------------------------------------------

  listen(choose) {
    const { board, file } = this;
    for (const button of [board, choose]) button.addEventListener("click", () => file.click());
    file.addEventListener("change", () => { this.give(file.files[0]); file.value = ""; });
    this.away.addEventListener("click", () => this.send("away", true));
    board.addEventListener("dragover", (event) => { event.preventDefault(); board.classList.add("over"); });
    board.addEventListener("dragleave", () => board.classList.remove("over"));
    board.addEventListener("drop", (event) => {
      event.preventDefault();
      board.classList.remove("over");
      this.give(event.dataTransfer.files[0]);
    });
    board.addEventListener("pointermove", (event) => this.say(event));
    board.addEventListener("pointerleave", () => this.say(null));
  }

  give(file) {
    readPicture(file, this.data.limit, this.reading, (read) => this.send("file", read));
  }

  // --- what a person sees -------------------------------------------------------------------

  draw() { // a smooth heat map: one pixel a place, enlarged; a sign stands in the strongest places
    if (!this.data) return;
    const brush = canvas(this.overlay, this.board);
    const shown = this.data.evidence;
    if (!shown) return;
    const small = document.createElement("canvas");
    [small.width, small.height] = [shown.columns, shown.rows];
    const pixels = small.getContext("2d").createImageData(shown.columns, shown.rows);
    shown.values.forEach((value, index) => {
      const colour = value > 0 ? SPOKE_FOR : SPOKE_AGAINST;
      pixels.data.set([...colour, 200 * Math.abs(value)], 4 * index);
    });
    small.getContext("2d").putImageData(pixels, 0, 0);
    brush.imageSmoothingQuality = "high";
    brush.drawImage(small, shown.left, shown.top, shown.width, shown.height);
    this.drawSigns(brush, shown);
  }

  drawSigns(brush, shown) {
    const [wide, high] = [shown.width / shown.columns, shown.height / shown.rows];
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.font = `bold ${Math.min(wide, high) / 2}px sans-serif`;
    brush.fillStyle = "white";
    shown.values.forEach((value, index) => {
      if (Math.abs(value) < STRONG) return;
      const x = shown.left + (index % shown.columns + 0.5) * wide;
      const y = shown.top + (Math.floor(index / shown.columns) + 0.5) * high;
      brush.fillText(value > 0 ? "+" : "\u2212", x, y);
    });
  }

  say(event) { // the evidence under the pointer, in words
    const shown = this.data?.evidence;
    if (!shown) return;
    const box = this.board.getBoundingClientRect();
    const point = event && [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
    this.reading.textContent = (point && wordsAt(shown, point)) || shown.words;
  }

  makeExamples(examples) {
    const made = JSON.stringify(examples);
    if (made === this.examples) return;
    this.examples = made;
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
