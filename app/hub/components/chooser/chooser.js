// The choice of models: one button per model if they are few, else the chosen ones and a menu.
// The choice is written into the address at once, without a history entry, so that Back leaves the page.

const MAX_BUTTONS = 6;
const choosers = new WeakMap();

function main(component) {
  const { parentElement, data, setStateValue } = component;
  let chooser = choosers.get(parentElement);
  if (!chooser) {
    chooser = new Chooser(parentElement.querySelector(".chooser"));
    choosers.set(parentElement, chooser);
  }
  chooser.update(data, setStateValue);
}

class Chooser {
  constructor(root) {
    this.root = root;
    this.root.setAttribute("aria-label", "Models to compare");
  }

  update(data, setStateValue) {
    this.data = data;
    this.send = setStateValue;
    if (JSON.stringify(data) === this.lastData) return;
    this.lastData = JSON.stringify(data);
    this.chosen = [...data.chosen];
    if (data.sync) this.address();
    this.draw();
  }

  toggle(id) {
    const without = this.chosen.filter((other) => other !== id);
    const next = without.length < this.chosen.length ? without : [...this.chosen, id];
    if (!next.length) return; // at least one model answers
    this.chosen = this.data.options.map((option) => option.id).filter((other) => next.includes(other));
    this.address();
    this.draw();
    this.send("chosen", this.chosen);
  }

  address() { // the slash of an id is allowed in a query as it is
    const rest = new URLSearchParams(window.location.search);
    rest.delete("models");
    const isDefault = this.chosen.join() === this.data.default.join();
    const parts = [isDefault ? "" : `models=${this.chosen.map(encodeURIComponent).join(",").replaceAll("%2F", "/")}`, rest.toString()];
    const query = parts.filter(Boolean).join("&");
    const address = `${window.location.pathname}${query ? `?${query}` : ""}${window.location.hash}`;
    window.history.replaceState(window.history.state, "", address);
  }

  draw() {
    const focused = this.root.getRootNode().activeElement?.dataset.id;
    const { options } = this.data;
    if (options.length <= MAX_BUTTONS) {
      this.root.replaceChildren(...options.map((option) => this.button(option)));
    } else {
      const open = this.root.querySelector("details")?.open ?? false;
      const chosen = options.filter((option) => this.chosen.includes(option.id));
      this.root.replaceChildren(...chosen.map((option) => this.button(option)), this.menu(open));
    }
    if (focused) this.root.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  button({ id, title, colour }) {
    const button = document.createElement("button");
    const dot = document.createElement("i");
    const on = this.chosen.includes(id);
    button.type = "button";
    button.dataset.id = id;
    button.title = on && this.chosen.length === 1 ? "At least one model must stay selected" : id;
    button.setAttribute("aria-pressed", String(on));
    dot.style.setProperty("--dot", colour);
    button.append(dot, title);
    button.addEventListener("click", () => this.toggle(id));
    return button;
  }

  menu(open) {
    const menu = document.createElement("details");
    const summary = document.createElement("summary");
    const more = document.createElement("div");
    const filter = document.createElement("input");
    const text = this.filter ?? "";
    menu.open = open;
    menu.addEventListener("keydown", (event) => { if (event.key === "Escape") { menu.open = false; summary.focus(); } });
    summary.textContent = "+ Models";
    more.className = "more";
    filter.type = "search";
    filter.placeholder = "Search models";
    filter.value = text;
    filter.setAttribute("aria-label", "Search models");
    const list = () => this.data.options
      .filter((option) => `${option.id} ${option.title}`.toLowerCase().includes(filter.value.toLowerCase()))
      .map((option) => this.button(option));
    filter.addEventListener("input", () => { this.filter = filter.value; more.replaceChildren(filter, ...list()); filter.focus(); });
    more.append(filter, ...list());
    menu.append(summary, more);
    return menu;
  }
}
