// The table of all models: click a column head to sort, type to search, choose to filter; a name opens the model's page.

const COLUMNS = [
  { key: "title", head: "Name", left: true },
  { key: "task", head: "Task", left: true },
  { key: "accuracy", head: "Accuracy", down: true },
  { key: "parameters", head: "Parameters", down: true },
  { key: "time", head: "Time" },
];
const FILTERS = [ // name and first option, then choices: the text of an option and its test of a row's value
  { key: "accuracy", name: "accuracy", any: "Any accuracy", choices: [0.99, 0.95, 0.9, 0.8].map((least) => [`at least ${100 * least}% correct`, (value) => value !== null && value >= least]) },
  { key: "parameters", name: "size", any: "Any size", choices: [1e4, 1e5, 1e6].map((most) => [`up to ${most.toLocaleString("en")} parameters`, (value) => value <= most]) },
  { key: "time", name: "speed", any: "Any speed", choices: [1, 10, 100].map((most) => [`up to ${most} ms`, (value) => value !== null && value <= most]) },
];
const tables = new WeakMap();

function main(component) {
  const { parentElement, data, setTriggerValue, setStateValue } = component;
  let table = tables.get(parentElement);
  if (!table) {
    table = new Table(parentElement);
    tables.set(parentElement, table);
  }
  table.update(data, setTriggerValue, setStateValue);
}

class Table {
  constructor(root) {
    this.search = root.querySelector("input");
    this.head = root.querySelector("thead tr");
    this.body = root.querySelector("tbody");
    this.none = root.querySelector(".none");
    this.by = null; // the catalog's order until a head is clicked
    this.search.addEventListener("input", () => this.draw());
    this.tasks = this.filter("task", "All tasks");
    this.filters = FILTERS.map((filter) => ({ ...filter, select: this.filter(filter.name, filter.any, filter.choices.map(([text]) => text)) }));
    for (const column of COLUMNS) this.heading(column);
  }

  filter(name, any, choices = []) {
    const select = document.createElement("select");
    select.setAttribute("aria-label", `Filter by ${name}`);
    select.append(new Option(any, ""), ...choices.map((text, index) => new Option(text, index)));
    select.addEventListener("change", () => this.draw());
    this.search.parentElement.append(select);
    return select;
  }

  update(data, setTriggerValue, setStateValue) {
    this.rows = data.rows;
    this.root = data.root;
    const timed = data.rows.some((row) => row.time !== null); // no column without measured times
    this.columns = COLUMNS.filter((column) => timed || column.key !== "time");
    this.head.replaceChildren(...this.columns.map((column) => column.cell));
    for (const filter of this.filters) filter.select.hidden = filter.key === "time" && !timed;
    const tasks = [...new Set(data.rows.map((row) => row.task))];
    if (tasks.join("\n") !== this.known) {
      this.known = tasks.join("\n");
      this.tasks.replaceChildren(this.tasks.options[0], ...tasks.map((task) => new Option(task, task)));
    }
    this.open = (id) => setTriggerValue("opened", id);
    this.sendShown = (ids) => setStateValue("shown", ids);
    this.draw();
  }

  heading(column) {
    const cell = document.createElement("th");
    const button = document.createElement("button");
    cell.scope = "col";
    cell.className = column.left ? "left" : "";
    button.type = "button";
    button.textContent = column.head;
    button.addEventListener("click", () => {
      const first = column.down ? -1 : 1;
      this.by = this.by?.column === column ? { column, way: -this.by.way } : { column, way: first };
      this.draw();
    });
    column.cell = cell;
    cell.append(button);
  }

  draw() {
    const words = this.search.value.trim().toLowerCase().split(/\s+/);
    const found = this.rows.filter((row) => words.every((word) => `${row.id} ${row.title} ${row.task}`.toLowerCase().includes(word)));
    const shown = found.filter((row) => this.passes(row));
    if (this.by) {
      const { column: { key }, way } = this.by;
      shown.sort((a, b) => way * compare(a[key], b[key]));
    }
    for (const column of this.columns) mark(column.cell, column.head, this.by?.column === column ? this.by.way : undefined);
    this.body.replaceChildren(...shown.map((row) => this.row(row)));
    this.report(shown.length < this.rows.length ? shown.map((row) => row.id).sort() : null);
    this.none.textContent = shown.length ? "" : "No model matches. Try a shorter search or a wider filter.";
  }

  report(ids) { // the chart follows after a pause in typing
    const list = JSON.stringify(ids);
    if (list === (this.last ?? "null")) return;
    this.last = list;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.sendShown(ids), 300);
  }

  passes(row) {
    if (this.tasks.value && this.tasks.value !== row.task) return false;
    return this.filters.every(({ key, choices, select }) => !select.value || choices[select.value][1](row[key]));
  }

  row(row) {
    const line = document.createElement("tr");
    const name = document.createElement("th");
    const dot = document.createElement("i");
    const link = document.createElement("a");
    name.scope = "row";
    name.className = "left";
    dot.style.background = row.colour;
    link.textContent = row.title;
    link.href = `${this.root}/models?model=${encodeURIComponent(row.id).replaceAll("%2F", "/")}`;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens a new tab
      event.preventDefault();
      this.open(row.id);
    });
    name.append(dot, link);
    line.append(name, cell(row.task, "left"), accuracyCell(row), cell(row.parameters.toLocaleString("en")));
    if (this.columns.length === COLUMNS.length) line.append(cell(row.timeText));
    return line;
  }
}

function cell(text, kind = "") {
  const element = document.createElement("td");
  element.className = kind;
  element.textContent = text;
  return element;
}

function accuracyCell(row) {
  if (row.accuracy === null) return cell("not tested");
  const element = cell(`${(100 * row.accuracy).toFixed(1)}% `);
  const interval = document.createElement("small");
  interval.className = "wide";
  interval.textContent = `(${(100 * row.low).toFixed(1)}\u2013${(100 * row.high).toFixed(1)})`;
  element.append(interval);
  return element;
}
