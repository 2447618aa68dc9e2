// The table of scores: mean and deviation of methods on data sets, for one metric and one group.

function scoreCell(dataset, method, metric) {
  const cell = RUN.cellOf(dataset.name, method.name);
  if (!cell) return { node: DASH, order: "" };
  const mean = cell.stats[metric.name]?.mean;
  return { node: cellButton(cell, metric), order: missing(mean) ? "" : mean, ...marked(cell.stats[metric.name]) };
}

function referenceCell(name, dataset, metric) {
  const found = RUN.references.find((r) => r.name === name && r.dataset === dataset.name && r.metric === metric.name);
  return missing(found?.mean) ? { node: DASH, order: "" } : { node: number(found.mean), order: found.mean };
}

function renderScores() {
  const chosen = choice(), { metric } = chosen;
  const rows = document.getElementById("rows").value;
  const datasets = chosenDatasets(chosen), standings = chosenMethods(chosen, datasets);
  const methods = standings.map(({ method }) => method);
  const references = [...new Map(RUN.references.filter((r) => r.metric === metric.name && datasets.some((d) => d.name === r.dataset)).map((r) => [r.name, r])).values()];
  const caption = `${upperFirst(titled(metric))}: mean ± standard deviation over splits`;
  const box = document.getElementById("scores-table");
  let columns, lines;
  if (rows === "methods") {
    columns = [{ title: "method" }, ...datasets.map((d) => ({ title: d.label, measured: true, hint: `${d.task}, ${d.group}` }))];
    lines = methods.map((m) => ({ kind: m.bold ? "ours" : null, cells: [m.label, ...datasets.map((d) => scoreCell(d, m, metric))] }));
    lines.push(...references.map((r) => ({
      kind: "reference",
      cells: [r.label, ...datasets.map((d) => referenceCell(r.name, d, metric))],
    })));
  } else {
    columns = [{ title: "data set" }, ...methods.map((m) => ({ title: m.label, measured: true, hint: m.source })), ...references.map((r) => ({ title: r.label, measured: true }))];
    lines = datasets.map((d) => ({ cells: [d.label, ...methods.map((m) => scoreCell(d, m, metric)), ...references.map((r) => referenceCell(r.name, d, metric))] }));
  }
  makeGrid(box, columns, lines, { caption, columnChoice: true });
  document.getElementById("scores-hint").textContent =
    (metric.larger === null ? "" : "In a frame: the best of its data set; shaded: as above. ") +
    (judgedAnywhere() ? `Below our value the paper's: ${RUN.symbols.agrees} agrees, ${RUN.symbols.better} ours is better, ${RUN.symbols.worse} ours is worse. ` : "") +
    "A click on a cell opens its splits.";
}
