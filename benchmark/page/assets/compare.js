// Two runs: what changed, what only one of them has.

/** The data inside the text of another page; null if it is none. */
function dataOfPage(text) {
  const found = text.match(/<script type="application\/json" id="data">([\s\S]*?)<\/script>/);
  return found ? JSON.parse(found[1]) : null;
}

/** Change of the other run against this one over common splits, as the metric compares. */
function changeOf(metric, here, there) {
  const common = here.map((v, i) => [v, there[i]]).filter(([a, b]) => !missing(a) && !missing(b));
  if (!common.length) return { n: 0, moved: 0, text: DASH, order: "" };
  const moved = common.filter(([a, b]) => a !== b).length;
  if (metric.paired === "ratio" && common.every(([a, b]) => a > 0 && b > 0)) {
    const ratio = Math.exp(mean(common.map(([a, b]) => Math.log(b / a))));
    return { n: common.length, moved, text: `× ${ratio.toPrecision(3)}`, order: Math.log(ratio) };
  }
  const difference = mean(common.map(([a, b]) => b - a));
  return { n: common.length, moved, text: `${difference >= 0 ? "+" : ""}${number(difference, 4)}`, order: difference };
}

const chosenOf = (cell) => (cell.chosen ?? []).map((at) => (missing(at) ? null : JSON.stringify(cell.params[at])));

/** One row per cell and compared metric that either run has. */
function comparison(here, there) {
  const keys = [...new Map([...here.cells, ...there.cells].map((c) => [`${c.dataset}/${c.method}`, [c.dataset, c.method]])).values()];
  const compared = [...new Map([...there.metrics, ...here.metrics].filter((m) => m.compared).map((m) => [m.name, m])).values()];
  const rows = [];
  for (const [dataset, method] of keys) {
    const a = here.cellOf(dataset, method), b = there.cellOf(dataset, method);
    const fits = Boolean(a && b) && (a.n !== b.n || a.status.some((s, i) => s !== b.status[i]));
    const chosenA = a ? chosenOf(a) : [], chosenB = b ? chosenOf(b) : [];
    const choices = chosenA.length && chosenB.length ? chosenA.filter((c, i) => c && chosenB[i] && c !== chosenB[i]).length : null;
    const measured = compared.filter((m) => a?.stats[m.name] || b?.stats[m.name]);
    for (const metric of measured.length ? measured : [null]) {
      const va = a?.values[metric?.name] ?? [], vb = b?.values[metric?.name] ?? [];
      const change = metric ? changeOf(metric, va, vb) : { n: 0, moved: 0, text: DASH, order: "" };
      const state = !b ? "only here" : !a ? "only there" : fits ? "fits differ" : change.moved ? "changed" : "same";
      rows.push({ dataset, method, metric, a, b, change, choices, state });
    }
  }
  return rows;
}

const onlyIn = (a, b) => a.filter((x) => !b.some((y) => y.name === x.name)).map((x) => x.label);

/** What differs beside the cells, in sentences. */
function differencesOfRuns(here, there) {
  const said = [];
  for (const [what, key] of [["Data sets", "datasets"], ["Methods", "methods"], ["Scores", "metrics"]]) {
    const [gone, come] = [onlyIn(here[key], there[key]), onlyIn(there[key], here[key])];
    if (gone.length) said.push(`${what} only here: ${gone.join(", ")}.`);
    if (come.length) said.push(`${what} only there: ${come.join(", ")}.`);
  }
  for (const [what, key] of [["Splits", "splits"], ["Seed", "seed"], ["Reduced", "reduced"]])
    if (here[key] !== there[key]) said.push(`${what}: here ${here[key]}, there ${there[key]}.`);
  for (const name of new Set([...Object.keys(here.versions), ...Object.keys(there.versions)])) {
    const [a, b] = [here.versions[name], there.versions[name]];
    if (a && b && a !== b) said.push(`${name}: here ${a}, there ${b}.`);
  }
  return said.length ? said : ["Same data sets, methods, scores, splits and seed."];
}

const STATES = ["changed", "fits differ", "only here", "only there", "same"];

function showComparison(data) {
  const there = indexed(data), rows = comparison(RUN, there);
  const counts = Object.fromEntries(STATES.map((state) => [state, rows.filter((r) => r.state === state).length]));
  const box = document.getElementById("compare-result");
  clear(box);
  const grid = el("div", { class: "scroll" });
  const sieve = el("select", { id: "by-state", change: () => fill() },
    el("option", { value: "" }, `all (${rows.length})`),
    el("option", { value: "!" }, `all that differ (${rows.length - counts.same})`),
    STATES.map((state) => el("option", { value: state }, `${state} (${counts[state]})`)));
  box.append(
    el("p", { id: "compare-summary" }, `Here: run ${RUN.run}. There: run ${there.run}. ` + STATES.map((state) => `${counts[state]} ${state}`).join(", ") +
      ` of ${plural(rows.length, "row")}, a row for each cell and compared score; numbers count as the same if they agree to six digits.`),
    el("ul", {}, differencesOfRuns(RUN, there).map((line) => el("li", {}, line))),
    el("div", { class: "controls" }, el("label", {}, "Show ", sieve)), grid);
  sieve.value = rows.length > counts.same ? "!" : "";
  const text = (cell, metric) => cell?.stats[metric?.name]?.text ?? (cell ? shortfall(cell) || DASH : "not there");
  const fill = () => {
    const wanted = sieve.value;
    const shown = rows.filter((r) => !wanted || (wanted === "!" ? r.state !== "same" : r.state === wanted));
    const names = (key, name) => RUN[key].get(name)?.label ?? there[key].get(name)?.label ?? name;
    makeGrid(grid,
      [{ title: "cell" }, { title: "what" }, { title: "score" }, { title: "here" }, { title: "there" }, { title: "there against here", measured: true, hint: "ratio of geometric means, or difference of means, over common splits" },
        { title: "splits that moved", measured: true }, { title: "other choices", measured: true, hint: "splits that chose other parameters" }],
      shown.map((r) => ({
        cells: [
          `${names("datasetOf", r.dataset)}, ${names("methodOf", r.method)}`, r.state, r.metric?.label ?? DASH, text(r.a, r.metric), text(r.b, r.metric),
          { node: r.change.text, order: r.change.order },
          { node: r.change.n ? `${r.change.moved}/${r.change.n}` : DASH, order: r.change.n ? r.change.moved : "" },
          { node: missing(r.choices) ? DASH : String(r.choices), order: r.choices ?? "" },
        ],
      })), { caption: `Run ${there.run} against run ${RUN.run}`, paging: true });
  };
  fill();
}

function readOther(event) {
  const [file] = event.target.files;
  if (!file) return;
  file.text().then((text) => {
    const data = dataOfPage(text);
    if (data?.schema_version === RUN.schema_version) return showComparison(data);
    const why = data ? `it has data of version ${data.schema_version}, this page reads ${RUN.schema_version}` : "it is no results page";
    document.getElementById("compare-result").replaceChildren(el("p", { class: "remark", role: "alert" }, `${file.name} cannot be compared: ${why}.`));
  });
}
