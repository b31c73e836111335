// "Copy link": the address of the page with the task, the models and the text, plus the drawing or the form.

const FEEDBACK_MS = 2000; // how long the button shows the result

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
    this.status = root.querySelector(".status");
    this.button.addEventListener("click", () => this.copy());
  }

  update(data) {
    this.data = data;
    this.input.hidden = true; // its link is outdated
  }

  address() {
    const { location } = window;
    const { name, code } = this.data;
    const parts = location.search.replace(/^\?/, "").split("&").filter(Boolean);
    const rest = name ? parts.filter((part) => !part.startsWith(`${name}=`)) : parts;
    if (code) rest.push(`${name}=${encodeURIComponent(code)}`);
    return `${location.origin}${location.pathname}${rest.length ? `?${rest.join("&")}` : ""}`;
  }

  async copy() {
    if (this.data.problem) return this.report(this.data.problem);
    const address = this.address();
    try {
      await navigator.clipboard.writeText(address);
      this.report("Copied");
    } catch { // no clipboard without HTTPS, or permission denied: copy by hand
      this.input.value = address;
      this.input.hidden = false;
      this.input.select();
      this.status.textContent = "Copy the link from this field.";
    }
  }

  report(words) {
    this.label(words);
    this.status.textContent = words;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.label("Copy link"), FEEDBACK_MS);
  }

  label(words) { this.button.textContent = words; }
}
