// The text field: it is ready when the page opens and tells what is typed as one types.
// What stands in it stands in the address too, without a history entry, so that Back leaves the page.

const PAUSE = 120; // ms between two tellings while one types
const SETTLED = 400; // ms without a key before the address follows; browsers allow few changes of it in a while

const fields = new WeakMap();

function main(component) {
  const { parentElement, data, setStateValue } = component;
  let field = fields.get(parentElement);
  if (!field) {
    field = new Field(parentElement);
    fields.set(parentElement, field);
  }
  field.update(data, setStateValue);
  return () => field.close();
}

class Field {
  constructor(root) {
    this.input = root.querySelector("textarea");
    this.clear = root.querySelector(".clear");
    this.rail = root.querySelector(".examples");
    this.revision = null;
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) event.preventDefault(); // it has answered already
    });
    this.clear.addEventListener("click", () => {
      this.put("");
      this.input.focus();
    });
  }

  update(data, setStateValue) {
    const opened = !this.data;
    this.data = data;
    this.send = setStateValue;
    if (data.revision !== this.revision) { // the server put another text in
      this.revision = data.revision;
      if (opened && this.input.value) this.typed(); // before this script was here; it must not be wiped, and nobody else has told it
      else {
        this.input.value = data.text;
        this.address();
      }
    }
    this.input.maxLength = data.most;
    this.input.placeholder = data.prompt;
    this.input.setAttribute("aria-label", data.prompt);
    this.makeExamples(data.examples);
    this.clear.hidden = !this.input.value;
    if (opened) this.input.focus({ preventScroll: true });
    if (this.fresh && !this.waiting) this.tell(); // Streamlit closes the old answer's field before it updates this one
    if (this.unsettled) this.settle();
  }

  close() {
    clearTimeout(this.waiting);
    clearTimeout(this.settling);
    this.waiting = null;
  }

  put(text) {
    this.input.value = text;
    this.typed();
  }

  typed() {
    this.clear.hidden = !this.input.value;
    this.settle();
    this.fresh = true;
    if (!this.waiting) this.tell();
  }

  tell() { // at once, then at most once in a pause
    if (!this.fresh) return;
    this.fresh = false;
    performance.mark("zoo-typed");
    this.send("typed", { text: this.input.value, revision: this.revision });
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.tell();
    }, PAUSE);
  }

  settle() {
    this.unsettled = true;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.address(), SETTLED);
  }

  address() {
    this.unsettled = false;
    const rest = window.location.search.replace(/^\?/, "").split("&").filter((part) => part && !part.startsWith("text="));
    const text = this.input.value.toWellFormed().trim();
    const written = encodeURIComponent(text).replaceAll("%20", "+").replaceAll("'", "%27"); // as the browser writes it
    if (text && written.length <= this.data.longest) rest.push(`text=${written}`);
    const query = rest.length ? `?${rest.join("&")}` : "";
    if (query === window.location.search) return;
    window.history.replaceState(window.history.state, "", window.location.pathname + query + window.location.hash);
  }

  makeExamples(examples) {
    const made = JSON.stringify(examples);
    if (made === this.made) return;
    this.made = made;
    this.rail.replaceChildren(...examples.map((example) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = `Try this: ${example}`;
      button.textContent = example;
      button.addEventListener("click", () => this.put(example)); // no focus: on a phone it would bring the keyboard up
      return button;
    }));
  }
}
