// The tables of the run as they are printed, each made when it is opened.

const leading = (text) => /^[<>≤≥]?\s*[-+−]?\d/.test(text) ? parseFloat(text.replace("−", "-").replace(/^[<>≤≥]\s*/, "")) : null;

/** A column is sorted by the numbers that its texts begin with, if most have one. */
function printedGrid(box, block, title) {
  const filled = (j) => block.rows.map((r) => r[j]).filter((t) => t && t !== DASH);
  const columns = block.header.map((title, j) => {
    const texts = filled(j);
    return { title, measured: j > 0 && texts.length > 0 && texts.filter((t) => leading(t) !== null).length * 2 > texts.length };
  });
  const rows = block.rows.map((row) => ({
    kind: row[0].includes(", paper ") ? "reference" : null,
    cells: row.map((text, j) => columns[j].measured ? { node: text, order: leading(text) ?? "" } : text),
  }));
  makeGrid(box, columns, rows, { caption: block.title || title, columnChoice: block.header.length > 6 });
}

function renderPrinted() {
  const list = document.getElementById("tables-list");
  for (const table of RUN.tables) {
    const inside = el("div");
    const kinds = Object.entries(RUN.links.tables[table.name] ?? {});
    const details = el("details", { class: "table", id: `table-${table.name}` }, el("summary", {}, table.title), inside);
    details.addEventListener("toggle", () => {
      if (!details.open || inside.childElementCount) return;
      for (const block of table.blocks) {
        const box = el("div", { class: "scroll" });
        inside.append(box);
        printedGrid(box, block, table.title);
      }
      inside.append(el("ul", { class: "hint" }, table.notes.map((note) => el("li", {}, note))));
      if (kinds.length)
        inside.append(el("p", {}, "As a file: ", kinds.flatMap(([kind, link], i) => [i ? ", " : "", el("a", { href: link }, kind.toUpperCase())])));
    });
    list.append(details);
  }
  if (!RUN.tables.length) leaveOut("tables");
}
