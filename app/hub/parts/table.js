// The table of all models: click a head to sort, type to search, a name opens the model's page.

const COLUMNS = [
  { key: "title", head: "name", left: true },
  { key: "task", head: "task", left: true },
  { key: "right", head: "right", down: true },
  { key: "parameters", head: "numbers in it", down: true },
];
const tables = new WeakMap();

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  let table = tables.get(parentElement);
  if (!table) {
    table = new Table(parentElement);
    tables.set(parentElement, table);
  }
  table.update(data, setTriggerValue);
}

class Table {
  constructor(root) {
    this.search = root.querySelector("input");
    this.head = root.querySelector("thead tr");
    this.body = root.querySelector("tbody");
    this.none = root.querySelector(".none");
    this.by = null; // the catalog's own order until a head is clicked
    this.search.addEventListener("input", () => this.draw());
    for (const column of COLUMNS) this.head.append(this.heading(column));
  }

  update(data, setTriggerValue) {
    this.rows = data.rows;
    this.open = (id) => setTriggerValue("opened", id);
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
    return cell;
  }

  draw() {
    const words = this.search.value.trim().toLowerCase().split(/\s+/);
    const shown = this.rows.filter((row) => words.every((word) => `${row.id} ${row.title} ${row.task}`.toLowerCase().includes(word)));
    if (this.by) {
      const { column: { key }, way } = this.by;
      shown.sort((a, b) => way * compare(a[key], b[key]));
    }
    for (const column of COLUMNS) {
      const sorted = this.by?.column === column;
      column.cell.setAttribute("aria-sort", sorted ? (this.by.way > 0 ? "ascending" : "descending") : "none");
      column.cell.firstChild.textContent = column.head + (sorted ? (this.by.way > 0 ? " \u2191" : " \u2193") : "");
    }
    this.body.replaceChildren(...shown.map((row) => this.row(row)));
    this.none.textContent = shown.length ? "" : "No model is called that; try fewer letters.";
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
    link.href = `/models?model=${encodeURIComponent(row.id).replaceAll("%2F", "/")}`;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is what was asked for
      event.preventDefault();
      this.open(row.id);
    });
    name.append(dot, link);
    line.append(name, cell(row.task, "left"), right(row), cell(row.parameters.toLocaleString("en")));
    return line;
  }
}

function cell(text, kind = "") {
  const made = document.createElement("td");
  made.className = kind;
  made.textContent = text;
  return made;
}

function right(row) {
  if (row.right === null) return cell("not tested");
  const made = cell(`${(100 * row.right).toFixed(1)}% `);
  const interval = document.createElement("small");
  interval.className = "wide";
  interval.textContent = `(${(100 * row.low).toFixed(1)}\u2013${(100 * row.high).toFixed(1)})`;
  made.append(interval);
  return made;
}

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" ? a - b : a.localeCompare(b);
}
