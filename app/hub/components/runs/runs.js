// The table of training runs: click a column head to sort, type to search, choose to filter, tick to compare.

const FILTERS = [["task", "All tasks"], ["state", "All states"], ["entry", "All networks"]];
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
    this.by = null; // the newest first, until a head is clicked
    this.chosen = null;
    this.search.addEventListener("input", () => this.draw());
    this.filters = FILTERS.map(([name, any]) => {
      const select = document.createElement("select");
      select.setAttribute("aria-label", `Filter by ${name === "entry" ? "network" : name}`);
      select.append(new Option(any, ""));
      select.addEventListener("change", () => this.draw());
      this.search.parentElement.append(select);
      return { name, select, known: "" };
    });
  }

  update(data, setTriggerValue, setStateValue) {
    Object.assign(this, { rows: data.rows, root: data.root, columns: data.columns });
    this.open = (id) => setTriggerValue("opened", id);
    this.send = (ids) => setStateValue("chosen", ids);
    const ids = new Set(data.rows.map((row) => row.id));
    this.chosen = new Set([...(this.chosen ?? data.chosen)].filter((id) => ids.has(id)));
    for (const filter of this.filters) {
      const options = [...new Set(data.rows.map((row) => row[filter.name]))].sort();
      if (options.join("\n") !== filter.known) {
        const value = filter.select.value;
        filter.known = options.join("\n");
        filter.select.replaceChildren(filter.select.options[0], ...options.map((option) => new Option(option, option)));
        filter.select.value = options.includes(value) ? value : "";
      }
      filter.select.hidden = options.length < 2;
    }
    const heads = JSON.stringify(data.columns);
    if (heads !== this.heads) {
      this.heads = heads;
      this.head.replaceChildren(blank("Compare"), ...data.columns.map((column) => this.heading(column)));
    }
    this.draw();
  }

  heading(column) {
    const cell = document.createElement("th");
    const button = document.createElement("button");
    cell.scope = "col";
    cell.className = column.left ? "left" : "";
    cell.dataset.key = column.key;
    button.type = "button";
    button.addEventListener("click", () => {
      const first = column.down ? -1 : 1;
      this.by = this.by?.key === column.key ? { key: column.key, way: -this.by.way } : { key: column.key, way: first };
      this.draw();
    });
    cell.append(button);
    return cell;
  }

  draw() {
    const words = this.search.value.trim().toLowerCase().split(/\s+/);
    const shown = this.rows
      .filter((row) => words.every((word) => row.text.toLowerCase().includes(word)))
      .filter((row) => this.filters.every(({ name, select }) => !select.value || row[name] === select.value));
    if (this.by) shown.sort((a, b) => this.by.way * compare(a.cells[this.by.key]?.value, b.cells[this.by.key]?.value));
    for (const [index, column] of this.columns.entries()) {
      mark(this.head.children[index + 1], column.head, this.by?.key === column.key ? this.by.way : undefined);
    }
    const focused = this.body.getRootNode().activeElement?.dataset?.focus;
    this.body.replaceChildren(...shown.map((row) => this.row(row)));
    if (focused) this.body.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
    this.none.textContent = shown.length ? "" : "No runs match. Shorten the search or clear a filter.";
  }

  row(row) {
    const line = document.createElement("tr");
    const cell = document.createElement("td");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = this.chosen.has(row.id);
    box.dataset.focus = `box ${row.id}`;
    box.setAttribute("aria-label", `Compare ${row.id}`);
    box.addEventListener("change", () => {
      this.chosen[box.checked ? "add" : "delete"](row.id);
      line.className = box.checked ? "chosen" : "";
      this.send([...this.chosen]);
    });
    line.className = box.checked ? "chosen" : "";
    cell.className = "box";
    cell.append(box);
    line.append(cell, ...this.columns.map((column) => (column.key === "id" ? this.name(row) : value(column, row.cells[column.key]))));
    return line;
  }

  name(row) {
    const name = document.createElement("th");
    const link = document.createElement("a");
    name.scope = "row";
    name.className = "left";
    link.textContent = row.id;
    link.dataset.focus = `link ${row.id}`;
    link.href = `${this.root}/lab?run=${encodeURIComponent(row.id)}`;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens a new tab
      event.preventDefault();
      this.open(row.id);
    });
    name.append(link);
    return name;
  }
}

function value(column, content) {
  const cell = document.createElement("td");
  cell.className = column.left ? "left" : "";
  cell.dataset.head = column.head;
  cell.textContent = content?.text ?? "";
  if (content?.more) {
    const more = document.createElement("small");
    more.textContent = ` ${content.more}`;
    cell.append(more);
  }
  return cell;
}

function blank(text) {
  const cell = document.createElement("th");
  const hidden = document.createElement("span");
  cell.scope = "col";
  hidden.className = "hidden";
  hidden.textContent = text;
  cell.append(hidden);
  return cell;
}
