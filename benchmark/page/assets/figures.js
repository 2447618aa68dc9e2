// Figures that can be hovered: overview, critical differences, accuracy against cost.

const LARGE_RATIO = 30; // beyond, an error's axis is logarithmic
const FEWEST = 5; // splits from which on an interval is drawn; of two it would fill the panel

const openPoint = (point) => {
  const [dataset, method] = point.customdata ?? [];
  if (dataset && RUN.cellOf(dataset, method)) openCell(dataset, method);
};

/** A logarithmic axis has a tick a decade, plainly written; a linear one a few. */
const decades = (low, high, metric) =>
  metric.scale === "log" && low > 0 && high > LARGE_RATIO * low ? { dtick: 1, exponentformat: "none" } : { nticks: 6 };

const panelHeight = (methods) => 64 + 21 * methods.length;
const ranksHeight = (ranking) => 90 + 22 * ranking.methods.length + 15 * ranking.joined.length;

function overviewPanel(dataset, metric) {
  const methods = RUN.methods.filter((m) => RUN.cellOf(dataset.name, m.name));
  const traces = { splits: [[], [], [], []], mean: [[], [], [], []], paper: [[], [], [], []] };
  const error = [[], []], colours = [], symbols = [], splitColours = [];
  const seen = [];
  const notes = [];
  const add = (kind, x, y, text, id) => [x, y, text, id].forEach((value, place) => traces[kind][place].push(value));
  methods.forEach((method, row) => {
    const cell = RUN.cellOf(dataset.name, method.name);
    const stats = cell.stats[metric.name], id = [dataset.name, method.name];
    const short = shortfall(cell);
    if (!stats) {
      notes.push({ x: 0.02, xref: "paper", xanchor: "left", y: row, text: cell.n_ok ? "no value" : short, showarrow: false, font: { color: colourOf("quiet"), size: 11 } });
      return;
    }
    (cell.values[metric.name] ?? []).forEach((value, split) => {
      if (missing(value)) return;
      add("splits", value, row, `${method.label}, split ${split}: ${exact(value)}`, id);
      splitColours.push(methodColour(method));
      seen.push(value);
    });
    const interval = missing(stats.lower) ? "" : `<br>95 % interval ${number(stats.lower)} to ${number(stats.upper)}`;
    add("mean", stats.mean, row, `<b>${method.label}</b><br>${stats.text}${interval}`, id);
    colours.push(methodColour(method));
    symbols.push(methodSymbol(method));
    const drawn = stats.n >= FEWEST && !missing(stats.lower);
    error[0].push(drawn ? stats.upper - stats.mean : 0);
    error[1].push(drawn ? stats.mean - stats.lower : 0);
    seen.push(stats.mean);
    const told = published(stats);
    if (told) {
      add("paper", told.value, row, `${method.label}, paper ${told.version}: ${told.text} ${RUN.symbols[told.word] ?? ""} ${told.word ?? ""}`, id);
      seen.push(told.value);
    }
  });
  const low = Math.min(...seen), high = Math.max(...seen);
  const hover = { hovertemplate: "%{text}<extra></extra>", type: "scatter", mode: "markers" };
  const of = ([x, y, text, customdata]) => ({ x, y, text, customdata });
  const shown = [
    { ...hover, ...of(traces.splits), name: "one split", marker: { symbol: "line-ns-open", size: 9, color: splitColours, opacity: 0.75, line: { width: 1 } } },
    { ...hover, ...of(traces.mean), name: dataset.splits >= FEWEST ? "mean, 95 % interval" : "mean", error_x: { type: "data", symmetric: false, array: error[0], arrayminus: error[1], color: colourOf("quiet"), thickness: 1.2, width: 3 },
      marker: { symbol: symbols, size: 9, color: colours, line: { width: 1, color: colourOf("ink") } } },
    { ...hover, ...of(traces.paper), name: "paper", marker: { symbol: "diamond-open", size: 10, color: colourOf("ink"), line: { width: 1.6 } } },
  ];
  const best = RUN.references.find((r) => r.dataset === dataset.name && r.metric === metric.name && ["noise_floor", "bayes"].includes(r.name));
  if (best && !missing(best.mean))
    shown.unshift({ type: "scatter", mode: "lines", name: best.label, x: [best.mean, best.mean], y: [-0.5, methods.length - 0.5],
      line: { dash: "dash", width: 1, color: colourOf("ink") }, hovertemplate: `${best.label} ${exact(best.mean)}<extra></extra>` });
  return {
    traces: shown,
    layout: {
      height: panelHeight(methods), showlegend: false, annotations: notes, hovermode: "closest",
      xaxis: { title: { text: metric.label, font: { size: 11 } }, type: metric.scale === "log" && low > 0 && high > LARGE_RATIO * low ? "log" : "linear", fixedrange: true, ...decades(low, high, metric) },
      yaxis: { tickvals: methods.map((_, i) => i), ticktext: methods.map((m) => m.label), range: [methods.length - 0.5, -0.5], zeroline: false, fixedrange: true, tickfont: { size: 11 } },
    },
  };
}

function renderOverview() {
  const { metric, group } = choice();
  const box = document.getElementById("overview-figures");
  clear(box);
  document.getElementById("overview-hint").textContent =
    `${upperFirst(titled(metric))}. Dots: mean${datasetsOf(metric, group).some((d) => d.splits >= FEWEST) ? " with its 95 % interval" : ""}; strokes: single splits; diamonds: the paper; dashed: the best that is possible, where it is known. Metric and data sets are those chosen above; the numbers are those of the table.`;
  for (const dataset of datasetsOf(metric, group)) {
    if (!RUN.methods.some((m) => RUN.cellOf(dataset.name, m.name)?.stats[metric.name])) continue;
    const figure = el("div", { class: "figure" });
    box.append(el("div", { class: "panel" }, el("h3", {}, dataset.label), figure));
    const redraw = () => overviewPanel(dataset, metric);
    // its place is kept, so that nothing moves when it is drawn
    figure.style.minHeight = `${panelHeight(RUN.methods.filter((m) => RUN.cellOf(dataset.name, m.name)))}px`;
    drawLater(figure, `${upperFirst(metric.label)} of every method on ${dataset.label}; the numbers are those of the table of scores`, redraw, openPoint);
  }
  if (!box.childElementCount) box.append(el("p", {}, "No data set has this metric."));
}

function rankPanel(ranking) {
  const k = ranking.methods.length;
  const methods = ranking.methods.map((name) => RUN.methodOf.get(name));
  const failed = (name) => ranking.failed.filter(([, method]) => method === name).length;
  const text = methods.map((m, i) => {
    const lines = ranking.datasets.map((d, j) => `${datasetLabel(d)} ${ranking.ranks[i][j]}`);
    const last = failed(m.name) ? `<br>failed on ${failed(m.name)} of ${ranking.datasets.length}` : "";
    return `<b>${m.label}</b>: average rank ${ranking.average[i].toFixed(2)}${last}<br>${lines.join("<br>")}`;
  });
  const traces = [{
    type: "scatter", mode: "markers", x: ranking.average, y: methods.map((_, i) => i), text, hovertemplate: "%{text}<extra></extra>",
    marker: { size: 11, color: methods.map(methodColour), symbol: methods.map(methodSymbol), line: { width: 1, color: colourOf("ink") } },
  }];
  ranking.joined.forEach(([low, high], place) => {
    const inside = methods.filter((_, i) => ranking.average[i] >= low && ranking.average[i] <= high).map((m) => m.label);
    const xs = [0, 0.25, 0.5, 0.75, 1].map((t) => low + t * (high - low));
    traces.push({ type: "scatter", mode: "lines", x: xs, y: xs.map(() => k + 0.1 + 0.6 * place), line: { width: 6, color: colourOf("quiet") },
      hovertemplate: `Not told apart:<br>${inside.join("<br>")}<extra></extra>` });
  });
  const cd = ranking.critical_difference;
  if (!missing(cd))
    traces.push({ type: "scatter", mode: "lines+markers", x: [1, 1 + cd], y: [-1, -1], line: { width: 2, color: colourOf("ink") }, marker: { symbol: "line-ns-open", size: 10, color: colourOf("ink") },
      hovertemplate: `critical difference ${cd.toFixed(2)}<extra></extra>` });
  return {
    traces,
    layout: {
      height: ranksHeight(ranking), showlegend: false, hovermode: "closest",
      xaxis: { title: { text: "average rank" }, range: [0.7, Math.max(k, 1 + (cd ?? 0)) + 0.3], dtick: k > 12 ? 2 : 1, tick0: 1, fixedrange: true, zeroline: false },
      yaxis: { tickvals: [...(missing(cd) ? [] : [-1]), ...methods.map((_, i) => i)], ticktext: [...(missing(cd) ? [] : [`CD ${cd.toFixed(2)}`]), ...methods.map((m) => m.label)],
        range: [k + 0.6 * ranking.joined.length, -1.7], zeroline: false, fixedrange: true, tickfont: { size: 11 } },
    },
  };
}

function renderRanks() {
  const box = document.getElementById("ranks-figures");
  for (const ranking of RUN.rankings) {
    const figure = el("div", { class: "figure" });
    figure.style.minHeight = `${ranksHeight(ranking)}px`;
    const p = missing(ranking.friedman_p) ? "" : `, Friedman p ${Number(ranking.friedman_p.toPrecision(2))}`;
    box.append(el("div", { class: "panel" }, el("h3", {}, ranking.title), el("p", { class: "hint" }, `${plural(ranking.datasets.length, "data set")}${p}.`), figure));
    drawLater(figure, `Average ranks: ${ranking.methods.map((m, i) => `${methodLabel(m)} ${ranking.average[i].toFixed(2)}`).join(", ")}`, () => rankPanel(ranking));
  }
  if (!RUN.rankings.length) box.append(el("p", {}, "Fewer than two methods to rank in this run."));
}

// ---------------------------------------------------------------- accuracy against cost

const geometric = (values) => Math.exp(mean(values.map(Math.log)));

/** [{method, x: seconds, y: score, text}] of a ranking or of a data set and a metric. */
function costPoints(chosen) {
  const [kind, place, name] = chosen.split("|");
  if (kind === "rank") {
    const ranking = RUN.rankings[Number(place)];
    return {
      larger: false, title: "average rank", log: false,
      points: ranking.methods.map((m, i) => ({
        method: RUN.methodOf.get(m), y: ranking.average[i], id: [],
        seconds: ranking.datasets.map((d) => RUN.cellOf(d, m)?.stats.fit_seconds?.mean).filter((s) => s > 0),
      })).filter((p) => p.seconds.length).map((p) => ({ ...p, x: geometric(p.seconds) })),
    };
  }
  const metric = RUN.metricOf.get(name);
  const points = RUN.methods.map((method) => ({ method, cell: RUN.cellOf(place, method.name) }))
    .filter(({ cell }) => cell?.stats[name] && cell.stats.fit_seconds?.mean > 0)
    .map(({ method, cell }) => ({ method, x: cell.stats.fit_seconds.mean, y: cell.stats[name].mean, id: [place, method.name] }));
  const ys = points.map((p) => p.y);
  return { larger: metric.larger, title: metric.label, points, log: metric.scale === "log" && Math.min(...ys) > 0 && Math.max(...ys) > LARGE_RATIO * Math.min(...ys) };
}

/** Points that no other beats in both seconds and score. */
function frontier(points, larger) {
  const better = (a, b) => (larger ? a > b : a < b);
  const found = [];
  for (const p of [...points].sort((a, b) => a.x - b.x || (better(a.y, b.y) ? -1 : 1)))
    if (!found.length || better(p.y, found[found.length - 1].y)) found.push(p);
  return found;
}

function costFigure(chosen) {
  const { points, larger, title, log } = costPoints(chosen);
  const best = frontier(points, larger);
  const traces = [{ type: "scatter", mode: "lines", name: "not beaten in both", x: best.map((p) => p.x), y: best.map((p) => p.y), line: { dash: "dot", width: 1.2, color: colourOf("quiet") }, hoverinfo: "skip" }];
  for (const p of points)
    traces.push({ type: "scatter", mode: "markers", name: p.method.label, x: [p.x], y: [p.y], customdata: [p.id],
      marker: { size: 12, color: methodColour(p.method), symbol: methodSymbol(p.method), line: { width: 1, color: colourOf("ink") } },
      hovertemplate: `<b>${p.method.label}</b><br>${title} ${exact(p.y)}<br>${exact(p.x)} s a fit<extra></extra>` });
  const narrow = document.getElementById("cost-figure").clientWidth < 700;
  return {
    traces,
    layout: {
      height: narrow ? 360 + 12 * points.length : 480, hovermode: "closest",
      xaxis: { title: { text: "seconds of a fit" }, type: "log", fixedrange: true, dtick: 1, exponentformat: "none" },
      yaxis: { title: { text: `${title}${larger ? " (larger is better)" : ""}` }, type: log ? "log" : "linear", autorange: larger ? true : "reversed", fixedrange: true, zeroline: false },
      legend: narrow ? { orientation: "h", y: -0.25, yanchor: "top", font: { size: 11 } } : { font: { size: 11 } },
    },
  };
}

function renderCost() {
  const select = document.getElementById("cost-of");
  select.append(el("optgroup", { label: "Average rank" }, RUN.rankings.map((r, i) => el("option", { value: `rank|${i}` }, r.title))));
  for (const metric of RUN.metrics.filter((m) => m.compared && m.larger !== null))
    select.append(el("optgroup", { label: upperFirst(metric.label) }, datasetsOf(metric).map((d) =>
      el("option", { value: `metric|${d.name}|${metric.name}` }, `${d.label}: ${metric.label}`))));
  const box = document.getElementById("cost-figure");
  const show = () => {
    clear(box);
    const figure = el("div", { class: "figure" });
    figure.style.minHeight = "360px";
    box.append(figure);
    document.getElementById("cost-hint").textContent =
      "Up is better, left is cheaper; the dotted line joins the methods that no other beats in both. Seconds: mean of a fit with all hyper-parameters that it tries, one thread" +
      (select.value.startsWith("rank") ? "; geometric mean over data sets." : ".");
    drawLater(figure, "Score of every method against the seconds of a fit; the numbers are those of the list of cells", () => costFigure(select.value), openPoint);
  };
  select.addEventListener("change", show);
  if (select.options.length) show();
}
