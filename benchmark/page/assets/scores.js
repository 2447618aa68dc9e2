// The table of scores: methods and data sets, for one metric and one group.

const choice = () => ({
  metric: RUN.metricOf.get(document.getElementById("metric").value),
  group: document.getElementById("group").value,
  rows: document.getElementById("rows").value,
});

function fillChoice() {
  const metric = document.getElementById("metric");
  const groups = [
    ["Compared in this run", RUN.metrics.filter((m) => m.compared)],
    ["Other scores", RUN.metrics.filter((m) => !m.compared && m.kind === "score")],
    ["Cost", RUN.metrics.filter((m) => m.kind === "cost")],
  ];
  for (const [name, metrics] of groups)
    if (metrics.length)
      metric.append(el("optgroup", { label: name }, metrics.map((m) => el("option", { value: m.name }, upperFirst(m.label)))));
  const group = document.getElementById("group");
  group.append(el("option", { value: "" }, "all"));
  for (const name of new Set(RUN.datasets.map((d) => d.group)))
    group.append(el("option", { value: name }, name));
}

const MARK_WORDS = { agrees: "the paper's value agrees", better: "ours is better", worse: "ours is worse" };

/** The paper's value with its mark; every version of the paper where the marks differ. */
function paperText(stats) {
  const first = published(stats);
  if (!first) return "";
  const words = new Set(stats.published.map((p) => p.word));
  const shown = words.size > 1 ? stats.published : [first];
  return shown.map((p) => `${shown.length > 1 ? `${p.version} ` : ""}${p.text} ${RUN.symbols[p.word] ?? ""}`.trim()).join("\n");
}

function spoken(cell, metric) {
  const stats = cell.stats[metric.name];
  const parts = [`${methodLabel(cell.method)} on ${datasetLabel(cell.dataset)}`];
  parts.push(stats ? `${metric.label} ${stats.text}` : cell.n_ok ? `no ${metric.label}` : cell.text);
  for (const p of stats?.published ?? [])
    parts.push(`paper ${p.version} ${p.text}: ${MARK_WORDS[p.word] ?? "no verdict"}`);
  return parts.join("; ");
}

/** The button of a cell: mean, deviation, k/n where fits are missing, the paper's value. */
function cellButton(cell, metric, text) {
  const stats = cell.stats[metric.name];
  const short = shortfall(cell);
  const content = [];
  if (text) content.push(text);
  else if (stats) {
    const decimals = number(stats.mean).split(".")[1]?.length;
    content.push(el("span", { class: "mean" }, number(stats.mean)));
    if (!missing(stats.sd)) content.push(el("span", { class: "sd" }, ` ± ${number(stats.sd, decimals)}`));
    if (stats.mark) content.push(el("span", { class: "sd" }, ` ${stats.mark}`));
    if (short) content.push(el("span", { class: "short" }, ` ${short}`));
    if (stats.published) content.push(el("span", { class: "paper" }, `paper ${paperText(stats)}`));
  } else content.push(el("span", { class: "short" }, short && !cell.n_ok ? short : DASH));
  return el("button", {
    type: "button",
    class: `cell ${published(stats)?.word ?? ""}`,
    "data-cell": `${cell.dataset}/${cell.method}`,
    "aria-label": spoken(cell, metric),
    "aria-haspopup": "dialog",
    click: (event) => openCell(cell.dataset, cell.method, event.currentTarget),
  }, content);
}

/** The ranking of exactly these data sets by this metric, if the run has it. */
const rankingOf = (metric, datasets) =>
  RUN.rankings.find((r) => r.metric === metric.name && r.datasets.length === datasets.length && datasets.every((d) => r.datasets.includes(d.name)));

function scoreCell(dataset, method, metric) {
  const cell = RUN.cellOf(dataset.name, method.name);
  if (!cell) return { node: DASH, order: "" };
  const mean = cell.stats[metric.name]?.mean;
  return { node: cellButton(cell, metric), order: missing(mean) ? "" : mean };
}

function referenceCell(name, dataset, metric) {
  const found = RUN.references.find((r) => r.name === name && r.dataset === dataset.name && r.metric === metric.name);
  return missing(found?.mean) ? { node: DASH, order: "" } : { node: number(found.mean), order: found.mean };
}

function renderScores() {
  const { metric, group, rows } = choice();
  const datasets = datasetsOf(metric, group).filter((d) => RUN.methods.some((m) => RUN.cellOf(d.name, m.name)?.stats[metric.name]));
  const methods = methodsOf(datasets).filter((m) => datasets.some((d) => {
    const cell = RUN.cellOf(d.name, m.name);
    return cell && (cell.stats[metric.name] || !cell.n_ok);
  }));
  const references = [...new Map(RUN.references.filter((r) => r.metric === metric.name && datasets.some((d) => d.name === r.dataset)).map((r) => [r.name, r])).values()];
  const ranking = rankingOf(metric, datasets);
  const caption = `${upperFirst(titled(metric))}: mean ± standard deviation over splits`;
  const box = document.getElementById("scores-table");
  let columns, lines;
  if (rows === "methods") {
    columns = [{ title: "method" }, ...datasets.map((d) => ({ title: d.label, measured: true, hint: `${d.task}, ${d.group}` }))];
    lines = methods.map((m) => ({ cells: [m.label, ...datasets.map((d) => scoreCell(d, m, metric))] }));
    if (ranking) {
      columns.splice(1, 0, { title: "average rank", measured: true, hint: "over these data sets; 1 is best" });
      lines.forEach((line, place) => {
        const rank = ranking.average[ranking.methods.indexOf(methods[place].name)];
        line.cells.splice(1, 0, { node: missing(rank) ? DASH : rank.toFixed(2), order: rank ?? "" });
      });
    }
    lines.push(...references.map((r) => ({
      kind: "reference",
      cells: [r.label, ...(ranking ? [{ node: DASH, order: "" }] : []), ...datasets.map((d) => referenceCell(r.name, d, metric))],
    })));
  } else {
    columns = [{ title: "data set" }, ...methods.map((m) => ({ title: m.label, measured: true, hint: m.source })), ...references.map((r) => ({ title: r.label, measured: true }))];
    lines = datasets.map((d) => ({ cells: [d.label, ...methods.map((m) => scoreCell(d, m, metric)), ...references.map((r) => referenceCell(r.name, d, metric))] }));
  }
  makeGrid(box, columns, lines, { caption, columnChoice: true });
  const judged = RUN.cells.some((c) => Object.values(c.stats).some((s) => s.published?.some((p) => p.word)));
  document.getElementById("scores-hint").textContent =
    "A click on a cell opens its splits. " +
    (judged ? `Below our value the paper's: ${RUN.symbols.agrees} agrees, ${RUN.symbols.better} ours is better, ${RUN.symbols.worse} ours is worse. ` : "") +
    "Arrow keys move among cells; a click on a heading sorts.";
}
