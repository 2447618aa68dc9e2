// Tables that can be sorted and filtered, by DataTables, and the keys that move among their cells.

// What is missing comes last in either direction.
const lastIfMissing = (sign) => (a, b) => {
  const [x, y] = [parseFloat(a), parseFloat(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
  return sign * (x - y);
};
DataTable.ext.type.order["measured-asc"] = lastIfMissing(1);
DataTable.ext.type.order["measured-desc"] = lastIfMissing(-1);

/**
 * A table in a box.
 *
 * columns: [{title, measured (sorted as numbers), hint}]; rows: [{cells: [string | {node, order,
 * search, class, style}], kind}]; options: caption, paging, columnChoice.
 */
function makeGrid(box, columns, rows, options = {}) {
  clear(box);
  const heads = columns.map((c) => el("th", { scope: "col", title: c.hint ?? null }, c.title));
  const body = rows.map((row) =>
    el("tr", { class: row.kind ?? null }, row.cells.map((cell, place) => {
      const given = typeof cell === "object" ? cell : { node: cell };
      return el(place ? "td" : "th", {
        scope: place ? null : "row",
        "data-order": given.order ?? (columns[place].measured ? "" : null),
        "data-search": given.search ?? null,
        class: given.class ?? null,
        style: given.style ?? null,
      }, given.node);
    })));
  const table = el("table", { class: "display compact" },
    el("caption", {}, el("span", {}, options.caption ?? "")),
    el("thead", {}, el("tr", {}, heads)), el("tbody", {}, body));
  box.append(table);
  const made = new DataTable(table, {
    paging: options.paging ?? false,
    pageLength: 25,
    lengthChange: false,
    order: [],
    autoWidth: false,
    columns: columns.map((c) => ({ type: c.measured ? "measured" : "string" })),
    layout: {
      topStart: { search: { placeholder: "" } },
      topEnd: options.columnChoice ? { buttons: [{ extend: "colvis", text: "Columns", columns: ":gt(0)" }] } : null,
      bottomStart: "info",
      bottomEnd: options.paging ? "paging" : null,
    },
    language: { search: options.search ?? "Filter rows", info: "_TOTAL_ rows", infoEmpty: "no rows", infoFiltered: "of _MAX_", zeroRecords: "No row matches.", emptyTable: "Nothing to show." },
  });
  roving(table);
  made.on("draw", () => roving(table));
  return made;
}

const buttonsOf = (table) => [...table.tBodies[0].querySelectorAll("button.cell")];

/** One stop for the Tab key in a table; arrows, Home and End move from there. */
function roving(table) {
  const buttons = buttonsOf(table);
  buttons.forEach((button, place) => (button.tabIndex = place ? -1 : 0));
  if (!table.dataset.keys) {
    table.dataset.keys = "yes";
    table.addEventListener("keydown", moveFocus);
    table.addEventListener("focusin", (event) => {
      if (!event.target.matches("button.cell")) return;
      buttonsOf(table).forEach((button) => (button.tabIndex = button === event.target ? 0 : -1));
    });
  }
}

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

function moveFocus(event) {
  const at = event.target.closest("button.cell");
  if (!at) return;
  const column = at.closest("td, th").cellIndex;
  const row = at.closest("tr");
  let to = null;
  if (event.key in STEPS) {
    const [down, right] = STEPS[event.key];
    let cell = at.closest("td, th"), line = row;
    while (!to) {
      if (down) line = down > 0 ? line.nextElementSibling : line.previousElementSibling;
      cell = down ? line?.cells[column] : right > 0 ? cell.nextElementSibling : cell.previousElementSibling;
      if (!cell) return;
      to = cell.querySelector("button.cell");
    }
  } else if (event.key === "Home") to = row.querySelector("button.cell");
  else if (event.key === "End") to = [...row.querySelectorAll("button.cell")].pop();
  if (to) {
    event.preventDefault();
    to.focus();
  }
}
