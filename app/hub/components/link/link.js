// "Copy link": the address with the task, the models and the text as it stands, and the drawing, which stands in links alone.

const SHOWN = 2000; // ms that the button says what it did

const links = new WeakMap();

function main(component) {
  const { parentElement, data } = component;
  let link = links.get(parentElement);
  if (!link) {
    link = new Link(parentElement);
    links.set(parentElement, link);
  }
  link.update(data);
}

class Link {
  constructor(root) {
    this.button = root.querySelector("button");
    this.input = root.querySelector("input");
    this.said = root.querySelector(".said");
    this.button.addEventListener("click", () => this.copy());
  }

  update(data) {
    this.data = data;
    this.input.hidden = true; // what it held is no longer what is on the page
  }

  address() {
    const { location } = window;
    const rest = location.search.replace(/^\?/, "").split("&").filter((part) => part && !part.startsWith("ink="));
    if (this.data.ink) rest.push(`ink=${this.data.ink}`);
    return `${location.origin}${location.pathname}${rest.length ? `?${rest.join("&")}` : ""}`;
  }

  async copy() {
    if (this.data.problem) return this.say(this.data.problem);
    const address = this.address();
    try {
      await navigator.clipboard.writeText(address);
      this.say("Copied");
    } catch { // no clipboard without https, or it was refused: to be copied by hand
      this.input.value = address;
      this.input.hidden = false;
      this.input.select();
      this.said.textContent = "Copy the link from this field.";
    }
  }

  say(words) {
    this.label(words);
    this.said.textContent = words;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.label("Copy link"), SHOWN);
  }

  label(words) { this.button.textContent = words; }
}
