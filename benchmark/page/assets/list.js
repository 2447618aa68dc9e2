// Every cell of the run, one row each.

const STATUS_SIEVES = {
  "": () => true,
  whole: (cell) => cell.n_ok === cell.n,
  short: (cell) => cell.n_ok < cell.n,
  none: (cell) => cell.n_ok === 0,
};

const VERDICT_SIEVES = {
  "": () => true,
  published: (words) => words.length > 0,
  differs: (words) => words.includes("better") || words.includes("worse"),
};

function verdictPasses(wanted, stats) {
  const words = (stats?.published ?? []).map((p) => p.word);
  return (VERDICT_SIEVES[wanted] ?? ((all) => all.includes(wanted)))(words);
}

/** A sieve that could not take anything out is not there. */
function fillSieve() {
  document.getElementById("sieve-fits").hidden = RUN.cells.every((cell) => cell.n_ok === cell.n);
  document.getElementById("sieve-paper").hidden = !publishedAnywhere();
  document.getElementById("sieve").hidden = [...document.querySelectorAll("#sieve label")].every((label) => label.hidden);
}

function renderList() {
  const { metric, group, family } = choice();
  const status = STATUS_SIEVES[document.getElementById("by-status").value];
  const verdict = document.getElementById("by-verdict").value;
  const datasets = datasetsOf(metric, group);
  const cells = RUN.cells.filter((cell) =>
    datasets.some((d) => d.name === cell.dataset) && familyPasses(family, RUN.methodOf.get(cell.method)) && status(cell) && verdictPasses(verdict, cell.stats[metric.name]));
  const failed = cells.some((cell) => cell.n_ok < cell.n), told = publishedAnywhere();
  const columns = [
    { title: "cell" }, { title: "group" }, { title: metric.label, measured: true }, { title: "sd", measured: true },
    { title: "fits", measured: true }, ...(failed ? [{ title: "failures" }] : []),
    ...(told ? [{ title: "paper" }, { title: "verdict" }] : []), { title: "seconds, mean", measured: true },
  ];
  const rows = cells.map((cell) => {
    const stats = cell.stats[metric.name];
    const first = published(stats);
    const seconds = cell.stats.fit_seconds?.mean;
    return {
      cells: [
        { node: cellButton(cell, metric, `${datasetLabel(cell.dataset)}, ${methodLabel(cell.method)}`), order: `${datasetLabel(cell.dataset)} ${methodLabel(cell.method)}` },
        RUN.datasetOf.get(cell.dataset).group,
        { node: number(stats?.mean), order: stats?.mean ?? "" },
        { node: number(stats?.sd), order: stats?.sd ?? "" },
        { node: `${cell.n_ok}/${cell.n}`, order: cell.n_ok / cell.n },
        ...(failed ? [failureWords(cell)] : []),
        ...(told ? [
          first ? stats.published.map((p) => `${p.version} ${p.text}`).join(", ") : "",
          first ? stats.published.map((p) => `${RUN.symbols[p.word] ?? ""} ${p.word ?? "none"}`).join(", ") : "",
        ] : []),
        { node: number(seconds), order: seconds ?? "" },
      ],
    };
  });
  makeGrid(document.getElementById("cells-table"), columns, rows, {
    caption: `${upperFirst(metric.label)} of every cell, with what became of its fits`, paging: true,
  });
}
