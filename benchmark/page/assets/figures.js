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

/** The reference that no method can beat on average, where somebody knows it. */
const bestPossible = (dataset, metric) =>
  RUN.references.find((r) => r.dataset === dataset.name && r.metric === metric.name && ["noise_floor", "bayes"].includes(r.name) && !missing(r.mean));

const boldIfOurs = (method) => (method.bold ? `<b>${method.label}</b>` : method.label);

function overviewPanel(dataset, metric, methods) {
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
  const best = bestPossible(dataset, metric);
  if (best)
    shown.unshift({ type: "scatter", mode: "lines", name: best.label, x: [best.mean, best.mean], y: [-0.5, methods.length - 0.5],
      line: { dash: "dash", width: 1, color: colourOf("ink") }, hovertemplate: `${best.label} ${exact(best.mean)}<extra></extra>` });
  return {
    traces: shown,
    layout: {
      height: panelHeight(methods), showlegend: false, annotations: notes, hovermode: "closest",
      xaxis: { title: { text: metric.label, font: { size: 11 } }, type: metric.scale === "log" && low > 0 && high > LARGE_RATIO * low ? "log" : "linear", fixedrange: true, ...decades(low, high, metric) },
      yaxis: { tickvals: methods.map((_, i) => i), ticktext: methods.map(boldIfOurs), range: [methods.length - 0.5, -0.5], zeroline: false, fixedrange: true, tickfont: { size: 11 } },
    },
  };
}

function renderOverview() {
  const chosen = choice(), { metric } = chosen;
  const box = document.getElementById("overview-figures");
  clear(box);
  const datasets = chosenDatasets(chosen);
  const ordered = chosenMethods(chosen, datasets).map(({ method }) => method);
  const told = datasets.some((d) => ordered.some((m) => RUN.cellOf(d.name, m.name)?.stats[metric.name]?.published));
  const known = datasets.some((d) => bestPossible(d, metric));
  document.getElementById("overview-hint").textContent =
    `${upperFirst(titled(metric))}. Dots: mean${datasets.some((d) => d.splits >= FEWEST) ? " with its 95 % interval" : ""}; strokes: single splits${told ? "; diamonds: the paper" : ""}${known ? "; dashed: the best that is possible, where it is known" : ""}. Metric, data sets, methods and their order are those of the table at the top.`;
  for (const dataset of datasets) {
    const methods = ordered.filter((m) => RUN.cellOf(dataset.name, m.name));
    const figure = el("div", { class: "figure" });
    box.append(el("div", { class: "panel" }, el("h3", {}, dataset.label), figure));
    const redraw = () => overviewPanel(dataset, metric, methods);
    // its place is kept, so that nothing moves when it is drawn
    figure.style.minHeight = `${panelHeight(methods)}px`;
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
      yaxis: { tickvals: [...(missing(cd) ? [] : [-1]), ...methods.map((_, i) => i)], ticktext: [...(missing(cd) ? [] : [`CD ${cd.toFixed(2)}`]), ...methods.map(boldIfOurs)],
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
  if (!RUN.rankings.length) leaveOut("ranks");
}

// ---------------------------------------------------------------- accuracy against cost

function costFigure(standing, by) {
  const { label, values, front } = standing.costs[by];
  const points = standing.methods
    .map((name, i) => ({ method: RUN.methodOf.get(name), x: values[i], y: standing.improvability[i], whole: standing.whole[i] }))
    .filter((p) => p.x > 0 && !missing(p.y));
  const of = new Map(points.map((p) => [p.method.name, p]));
  const best = front.map((name) => of.get(name));
  const traces = [{ type: "scatter", mode: "lines", name: "nothing is both cheaper and better", x: best.map((p) => p.x), y: best.map((p) => 100 * p.y), line: { dash: "dot", width: 1.2, color: colourOf("quiet") }, hoverinfo: "skip" }];
  for (const p of points) {
    const named = front.includes(p.method.name);
    traces.push({ type: "scatter", mode: named ? "markers+text" : "markers", name: boldIfOurs(p.method), x: [p.x], y: [100 * p.y], text: [boldIfOurs(p.method)], textposition: "top center", cliponaxis: false,
      marker: { size: 12, color: methodColour(p.method), symbol: methodSymbol(p.method), opacity: p.whole ? 1 : 0.35, line: { width: 1, color: colourOf("ink") } },
      hovertemplate: `<b>${p.method.label}</b><br>mean improvability ${percent(p.y)}<br>${label}: ${exact(p.x)}<extra></extra>` });
  }
  const narrow = document.getElementById("cost-figure").clientWidth < 700;
  const xs = points.map((p) => Math.log10(p.x)), room = 0.12 * (Math.max(...xs) - Math.min(...xs)) + 0.05;
  return {
    traces,
    layout: {
      height: narrow ? 380 + 12 * points.length : 160 + 18 * Math.max(18, points.length), hovermode: "closest",
      xaxis: { title: { text: label }, type: "log", range: [Math.min(...xs) - room, Math.max(...xs) + room], fixedrange: true, dtick: 1, exponentformat: "none" },
      yaxis: { title: { text: "mean improvability, %" }, fixedrange: true, zeroline: false },
      legend: narrow ? { orientation: "h", y: -0.25, yanchor: "top", font: { size: 11 } } : { font: { size: 11 } },
    },
  };
}

function renderCost() {
  const standings = RUN.standings.filter((s) => Object.keys(s.costs).length);
  if (!standings.length) return leaveOut("cost");
  const of = document.getElementById("cost-of"), by = document.getElementById("cost-by");
  of.append(...standings.map((s, i) => el("option", { value: i }, `${s.title}, ${plural(s.datasets.length, "data set")}`)));
  const box = document.getElementById("cost-figure");
  const show = () => {
    clear(box);
    const standing = standings[Number(of.value)], costs = Object.entries(standing.costs);
    const before = by.value;
    by.replaceChildren(...costs.map(([name, { label }]) => el("option", { value: name }, label)));
    by.value = before in standing.costs ? before : costs[0][0];
    const figure = el("div", { class: "figure" });
    figure.style.minHeight = "360px";
    box.append(figure);
    const pale = standing.whole.every(Boolean) ? "" : " Pale: without a value on some data set.";
    document.getElementById("cost-hint").textContent =
      `Down is better, left is cheaper; the dotted line joins the methods that no other beats in both.${pale}`;
    drawLater(figure, "Mean improvability of every method against its cost; the numbers are those of the leaderboard", () => costFigure(standing, by.value));
  };
  of.addEventListener("change", show);
  by.addEventListener("change", show);
  show();
}
