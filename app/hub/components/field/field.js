// The text field. It has the focus when the page opens and sends the text while it is typed.
// The text is written into the address too, without a history entry, so that Back leaves the page.

const PAUSE = 120; // ms between two messages during typing
const SETTLED = 400; // ms without a key before the address is updated; browsers limit how often it may change

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
      if (event.key === "Enter" && !event.isComposing) event.preventDefault(); // the text has been sent already
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
    if (data.revision !== this.revision) { // the server put in another text
      this.revision = data.revision;
      if (opened && this.input.value) this.typed(); // typed before this script ran: keep and send it
      else {
        this.input.value = data.text;
        this.address();
      }
    }
    this.input.maxLength = data.maxLetters;
    this.input.placeholder = data.prompt;
    this.input.setAttribute("aria-label", data.prompt);
    this.makeExamples(data.examples);
    this.clear.hidden = !this.input.value;
    if (opened) this.input.focus({ preventScroll: true });
    if (this.unsent && !this.waiting) this.flush(); // Streamlit closes the previous mount before it updates this one
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
    this.unsent = true;
    if (!this.waiting) this.flush();
  }

  flush() { // at once, then at most once per PAUSE
    if (!this.unsent) return;
    this.unsent = false;
    performance.mark("zoo-typed");
    this.send("typed", { text: this.input.value, revision: this.revision });
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.flush();
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
    const written = encodeURIComponent(text).replaceAll("%20", "+").replaceAll("'", "%27"); // as browsers encode it
    if (text && written.length <= this.data.maxAddressLetters) rest.push(`text=${written}`);
    const query = rest.length ? `?${rest.join("&")}` : "";
    if (query === window.location.search) return;
    window.history.replaceState(window.history.state, "", window.location.pathname + query + window.location.hash);
  }

  makeExamples(examples) {
    const list = JSON.stringify(examples);
    if (list === this.examples) return;
    this.examples = list;
    this.rail.replaceChildren(...examples.map((example) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = `Try this: ${example}`;
      button.textContent = example;
      button.addEventListener("click", () => this.put(example)); // no focus, which would open the keyboard on a phone
      return button;
    }));
  }
}
