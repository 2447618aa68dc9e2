// The heat map: what share of a cell's error the best method on its data set does not make.

function renderHeat() {
  const chosen = choice(), { metric } = chosen;
  const datasets = chosenDatasets(chosen), methods = chosenMethods(chosen, datasets);
  const over = comparable(datasets), all = over.length === datasets.length;
  const words = over.length ? `mean over ${all ? "" : `the ${RUN.groups[over[0].group]}, `}${plural(over.length, "data set")}` : "";
  const columns = [{ title: "method" }, { title: "mean", measured: true, hint: words },
    ...datasets.map((d) => ({ title: d.label, measured: true, hint: `${d.task}, ${RUN.groups[d.group]}` }))];
  const rows = methods.map(({ method, share }) => ({
    kind: method.bold ? "ours" : null,
    cells: [method.label, { node: percent(share), order: share ?? "" }, ...datasets.map((d) => {
      const cell = RUN.cellOf(d.name, method.name), stats = cell?.stats[metric.name];
      if (!cell) return { node: DASH, order: "" };
      const text = missing(stats?.share) ? (stats ? DASH : shortfall(cell) || DASH) : String(Math.round(100 * stats.share));
      return { node: cellButton(cell, metric, text), order: stats?.share ?? "", ...marked(stats) };
    })],
  }));
  const judged = metric.larger !== null;
  document.getElementById("heat-hint").textContent = judged
    ? `Improvability in %: the share of a method's error (${metric.label}) that the best of all methods on the data set does not make; 0 is the best. ` +
      (metric.larger ? "The error is what is missing to 1. " : "") +
      `Methods are in the order of their ${words || "mean"}. A click on a cell opens its splits; arrow keys move among cells; a click on a heading sorts.`
    : `${upperFirst(metric.label)} has no best value, so nothing is shaded.`;
  document.querySelector("#heat .scale").hidden = !judged;
  makeGrid(document.getElementById("heat-table"), columns, rows, { caption: judged ? `Improvability by ${metric.label}, %` : upperFirst(metric.label) });
}
