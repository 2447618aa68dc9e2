// What the heat map, the scores and the list share: the choice, the order, a cell's button.

const choice = () => ({
  metric: RUN.metricOf.get(document.getElementById("metric").value),
  group: document.getElementById("group").value,
  family: document.getElementById("family").value,
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
  fillGroups();
  const family = document.getElementById("family");
  const there = Object.entries(RUN.families).filter(([name]) => RUN.methods.some((m) => m.family === name));
  family.append(el("option", { value: "" }, "all"), ...there.map(([name, words]) => el("option", { value: name }, words)));
  if (there.length > 1 && RUN.methods.some((m) => m.family === "black_box"))
    family.append(el("option", { value: READABLE }, "all that can be read"));
}

const READABLE = "!black_box";
const KINDS = { random: "rows cut at random", together: "rows of one person or place together", time: "cut by time" };

/** Groups of data sets, and kinds within a group that has more than one. */
function fillGroups() {
  const select = document.getElementById("group");
  select.append(el("option", { value: "" }, "all"));
  for (const [group, words] of Object.entries(RUN.groups)) {
    const inside = RUN.datasets.filter((d) => d.group === group);
    if (!inside.length) continue;
    select.append(el("option", { value: group }, words));
    const kinds = Object.keys(KINDS).filter((kind) => inside.some((d) => d.kind === kind));
    if (kinds.length > 1)
      select.append(...kinds.map((kind) =>
        el("option", { value: `${group}/${kind}` }, `${words}, ${KINDS[kind]}`)));
  }
}

const familyPasses = (wanted, method) => !wanted || (wanted === READABLE ? method.family !== "black_box" : method.family === wanted);

/** Of the chosen data sets those with a value of the metric. */
const chosenDatasets = ({ metric, group }) =>
  datasetsOf(metric, group).filter((d) => RUN.methods.some((m) => RUN.cellOf(d.name, m.name)?.stats[metric.name]));

/** Data sets that a mean goes over: never those of two groups; where all are shown, the group with most. */
function comparable(datasets) {
  const groups = Object.keys(RUN.groups).map((group) => datasets.filter((d) => d.group === group));
  return groups.reduce((most, some) => (some.length > most.length ? some : most), []);
}

/** Mean improvability over some data sets, and how many of them lack it. */
function standingOf(method, metric, datasets) {
  const shares = datasets.map((d) => RUN.cellOf(d.name, method.name)?.stats[metric.name]?.share).filter((s) => !missing(s));
  return { share: shares.length ? mean(shares) : null, lacks: datasets.length - shares.length };
}

/** The chosen methods with a cell, least mean improvability first, as in the leaderboard. */
function chosenMethods({ metric, family }, datasets) {
  const over = comparable(datasets);
  return methodsOf(datasets)
    .filter((m) => familyPasses(family, m) && datasets.some((d) => {
      const cell = RUN.cellOf(d.name, m.name);
      return cell && (cell.stats[metric.name] || !cell.n_ok);
    }))
    .map((method) => ({ method, ...standingOf(method, metric, over) }))
    .sort((a, b) => a.lacks - b.lacks || (a.share ?? Infinity) - (b.share ?? Infinity));
}

const percent = (share, decimals = 1) => (missing(share) ? DASH : `${(100 * share).toFixed(decimals)} %`);

const DARKEST = 0.5; // an improvability from which on the shade stays

/** How a cell is marked: shaded by its improvability, framed where it is 0. */
function marked(stats) {
  const share = stats?.share;
  if (missing(share)) return {};
  return { class: share === 0 ? "best" : "shaded", style: `--share: ${Math.round(100 * Math.min(1, share / DARKEST))}%` };
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
  if (stats?.share === 0) parts.push("the best of its data set");
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

