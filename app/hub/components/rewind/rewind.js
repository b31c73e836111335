// An answer with a slider over the moments of its model's training. All frames come at once, so that dragging needs no server.
// The evidence over the drawing belongs to the pad; each moment's is sent to it as an event.

const sliders = new WeakMap();
const chosen = new Map(); // model -> the moment chosen last, for when the pad has been cleared in between

function main(component) {
  const { parentElement, data, setTriggerValue } = component;
  let slider = sliders.get(parentElement);
  if (!slider) {
    slider = new Slider(parentElement);
    sliders.set(parentElement, slider);
  }
  slider.update(data, setTriggerValue);
  return () => slider.close();
}

class Slider {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.place = find(".frame");
    this.range = find(".slider");
    this.moment = find("output");
    this.hint = find(".hint");
    this.onPad = () => this.sendEvidence();
    this.range.addEventListener("input", () => {
      chosen.set(this.data.model, this.at);
      this.show();
    });
  }

  get last() { return this.data.frames.length - 1; }
  get at() { return Number(this.range.value); }

  update(data, setTriggerValue) {
    const before = this.data;
    this.data = data;
    this.trigger = setTriggerValue;
    document.addEventListener("zoo-evidence-shown", this.onPad); // adding the same listener again has no effect
    if (before?.html !== data.html) this.place.innerHTML = data.html;
    if (before?.moments.join() !== data.moments.join()) { // another model, or the first time
      this.range.max = this.last;
      this.range.value = Math.min(this.last, chosen.get(data.model) ?? this.last);
    }
    this.show();
  }

  close() {
    document.removeEventListener("zoo-evidence-shown", this.onPad);
  }

  show() {
    const { data, at, last } = this;
    const frame = data.frames[at];
    const find = (selector) => this.place.querySelector(selector);
    find(".says p").innerHTML = frame.says;
    find(".says").classList.toggle("none", frame.none);
    find(".shares").classList.toggle("none", frame.none);
    find(".sure").innerHTML = frame.sure;
    find(".zoo-answer").classList.toggle("early", at !== last);
    this.place.querySelectorAll(".bar i").forEach((bar, i) => { bar.style.width = frame.shares[i][0]; });
    this.place.querySelectorAll("dd.number").forEach((number, i) => { number.textContent = frame.shares[i][1]; });
    this.moment.textContent = data.moments[at];
    this.range.setAttribute("aria-valuetext", `${data.moments[at]}: ${find(".says").textContent} ${find(".sure").textContent}`);
    this.hint.textContent = at !== last && data.frames[last].none ? data.hint : "";
    this.sendEvidence();
  }

  sendEvidence() {
    const { data, at, last } = this;
    if (!data.why) return;
    if (data.evidence) document.dispatchEvent(new CustomEvent("zoo-evidence", { detail: data.evidence[at] }));
    else if (at !== last && this.asked !== data.why) {
      this.asked = data.why;
      this.trigger("wanted", data.input);
    }
  }
}
