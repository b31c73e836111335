// What the tables of models and of runs share: the order of values, and a column head that shows it.

function compare(a, b) { // missing values last, or first in descending order
  if (a == null || b == null) return (a == null) - (b == null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

function mark(cell, head, way) { // way: 1 ascending, -1 descending, undefined not sorted by this column
  cell.setAttribute("aria-sort", way ? (way > 0 ? "ascending" : "descending") : "none");
  cell.firstChild.textContent = head + (way ? (way > 0 ? " \u2191" : " \u2193") : "");
}
