// The run's data and what is asked of it by name.

const parse = (id) => JSON.parse(document.getElementById(id).textContent);

/** Data of a page with its lists indexed by name. */
function indexed(data) {
  const byName = (list) => new Map(list.map((item) => [item.name, item]));
  const cells = new Map(data.cells.map((cell) => [`${cell.dataset}/${cell.method}`, cell]));
  return {
    ...data,
    methodOf: byName(data.methods),
    datasetOf: byName(data.datasets),
    metricOf: byName(data.metrics),
    cellOf: (dataset, method) => cells.get(`${dataset}/${method}`),
  };
}

const RUN = indexed(parse("data"));

const label = (list, name) => list.get(name)?.label ?? name;
const methodLabel = (name) => label(RUN.methodOf, name);
const datasetLabel = (name) => label(RUN.datasetOf, name);

/** Data sets that can have a metric, in a group ("real"), a kind of it ("real/time"), or any (""). */
function datasetsOf(metric, chosen = "") {
  const [group, kind] = chosen.split("/");
  return RUN.datasets.filter((d) => (!metric.task || metric.task === d.task) && (!group || d.group === group) && (!kind || d.kind === kind));
}

/** Methods that do the task of one of some data sets. */
const methodsOf = (datasets) =>
  RUN.methods.filter((m) => datasets.some((d) => RUN.cellOf(d.name, m.name)));

/** The published value of a cell that is shown first: of the first version, else of the newest. */
function published(stats) {
  const all = stats?.published ?? [];
  return all.find((p) => p.version === RUN.default_version) ?? all[all.length - 1];
}

const direction = (metric) =>
  metric.larger === null ? "" : metric.larger ? "larger is better" : "smaller is better";

const titled = (metric) => {
  const way = metric.kind === "cost" ? "" : direction(metric);
  return way ? `${metric.label} (${way})` : metric.label;
};

/** ``failed``, ``skipped`` or ``8/10``; "" where every fit succeeded. */
function shortfall(cell) {
  if (cell.n_ok === cell.n) return "";
  const kinds = Object.keys(cell.failures);
  const skipped = kinds.length === 1 && kinds[0] === "skipped";
  if (cell.n_ok === 0) return skipped ? "skipped" : "failed";
  return `${cell.n_ok}/${cell.n}`;
}

const failureWords = (cell) =>
  Object.entries(cell.failures).map(([status, count]) => `${count} ${status}`).join(", ");

const everyStats = () => RUN.cells.flatMap((c) => Object.values(c.stats));

/** Whether the paper has published a value of any cell, and whether any was judged. */
const publishedAnywhere = () => everyStats().some((s) => s.published);
const judgedAnywhere = () => everyStats().some((s) => s.published?.some((p) => p.word));
