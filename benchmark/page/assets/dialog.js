// One cell: its splits, what they chose, why some failed, the picture of its coefficients.

const DIALOG = document.getElementById("cell");
let opener = null;

function openCell(dataset, method, from = null) {
  const cell = RUN.cellOf(dataset, method);
  if (!cell) return;
  opener = from;
  clear(DIALOG);
  const box = el("div", { class: "inner" });
  DIALOG.append(box);
  const parts = [
    el("div", { class: "dialog-head" },
      el("h2", { id: "cell-title", tabindex: "-1" }, `${methodLabel(method)} on ${datasetLabel(dataset)}`),
      el("button", { type: "button", class: "close", "aria-label": "Close", click: () => DIALOG.close() }, "✕")),
    facts(cell), scoresOf(cell), splitsOf(cell), ...failuresOf(cell), coefficientsOf(cell), othersOf(cell), notedOf(cell)];
  box.append(...parts.filter(Boolean));
  history.replaceState(null, "", `#cell/${dataset}/${method}`);
  if (!DIALOG.open) DIALOG.showModal();
  DIALOG.scrollTop = 0;
  document.getElementById("cell-title").focus();
  drawCoefficients(cell);
}

DIALOG.addEventListener("close", () => {
  clear(DIALOG);
  history.replaceState(null, "", location.pathname + location.search);
  if (opener?.isConnected) opener.focus();
});
DIALOG.addEventListener("click", (event) => event.target === DIALOG && DIALOG.close());

function facts(cell) {
  const dataset = RUN.datasetOf.get(cell.dataset), method = RUN.methodOf.get(cell.method);
  const found = [
    `${cell.n_ok} of ${cell.n} fits succeeded${cell.n_ok < cell.n ? ` (${failureWords(cell)})` : ""}.`,
    `${upperFirst(dataset.task)}, ${dataset.group}${dataset.n_features ? `, ${plural(dataset.n_features, "feature")}` : ""}.`,
  ];
  if (cell.implementation) found.push(`Made by ${cell.implementation}.`);
  if (cell.local) found.push("Its coefficients are means of local ones.");
  return el("p", {}, found.join(" "), " ", el("span", { class: "hint" }, `Method: ${method.source}. Data: ${dataset.source}.`));
}

function scrolling(title, table) {
  return el("div", { class: "scroll plain", role: "region", tabindex: "0", "aria-label": title }, table);
}

const plain = (title, head, rows) =>
  scrolling(title, el("table", {}, el("caption", {}, el("span", {}, title)),
    el("thead", {}, el("tr", {}, head.map((h) => el("th", { scope: "col" }, h)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((c, i) => el(i ? "td" : "th", { scope: i ? null : "row", class: i && c.length > 30 ? "long" : null }, c)))))));

/** The score that the tables show now, those that the run compares, the cost; and the others. */
function measuredOf(cell) {
  const { metric } = choice();
  const measured = RUN.metrics.filter((m) => cell.stats[m.name]);
  const first = measured.filter((m) => m.name === metric.name || m.compared || m.kind === "cost");
  return { first, others: measured.filter((m) => !first.includes(m)) };
}

function scoreRows(cell, measured) {
  return measured.map((m) => {
    const s = cell.stats[m.name];
    const interval = missing(s.lower) ? DASH : `${number(s.lower)} to ${number(s.upper)}`;
    const paper = (s.published ?? []).map((p) =>
      `${p.version} (${p.place}): ${p.text} ${RUN.symbols[p.word] ?? ""} ${p.word ?? "no verdict"}` +
      (missing(p.lower) ? "" : `, expected ${number(p.lower)} to ${number(p.upper)}`));
    return [upperFirst(titled(m)), s.text, interval, ...(paper.length ? [paper.join("\n")] : [])];
  });
}

function scoresTable(title, cell, measured) {
  const rows = scoreRows(cell, measured);
  const told = rows.some((row) => row.length > 3);
  return plain(title, ["score", "mean ± sd (fits)", "95 % interval of the mean", ...(told ? ["paper"] : [])],
    rows.map((row) => (told && row.length < 4 ? [...row, ""] : row)));
}

function scoresOf(cell) {
  const { first } = measuredOf(cell);
  return first.length ? scoresTable("Over splits", cell, first) : null;
}

function othersOf(cell) {
  const { others } = measuredOf(cell);
  const split = others.filter((m) => cell.values[m.name]);
  if (!others.length) return null;
  return el("details", {}, el("summary", {}, `Other scores (${others.length})`),
    scoresTable("Other scores over splits", cell, others),
    split.length ? plain("Other scores by split", ["split", ...split.map((m) => m.label)],
      cell.status.map((_, at) => [String(at), ...split.map((m) => exact(cell.values[m.name][at]))])) : null);
}

/** ``alpha = 0.1, n = 3`` */
const parameters = (params) => Object.entries(params).map(([name, value]) => `${name} = ${fact(value)}`).join(", ");

function chosenText(cell, split) {
  const at = cell.chosen?.[split];
  if (missing(at)) return DASH;
  return parameters(cell.params[at]) || "none tried by the suite";
}

function splitsOf(cell) {
  const first = measuredOf(cell).first.filter((m) => cell.values[m.name]);
  const chosen = RUN.kept && cell.params;
  const head = ["split", "status", ...first.map((m) => m.label), ...(chosen ? ["chosen parameters"] : [])];
  const rows = cell.status.map((status, split) => [
    String(split), status, ...first.map((m) => exact(cell.values[m.name][split])), ...(chosen ? [chosenText(cell, split)] : []),
  ]);
  const gone = RUN.kept ? null : el("p", { class: "remark" }, RUN.remarks[0]);
  return el("div", {}, plain("By split", head, rows), gone);
}

function failuresOf(cell) {
  const splits = Object.entries(cell.errors);
  if (!splits.length) return [];
  const log = RUN.links.logs
    ? el("p", {}, "Whole log: ", el("a", { href: RUN.links.logs + cell.log }, cell.log), ".")
    : el("p", { class: "hint" }, `The whole log was ${cell.log} of the run; it is not kept here.`);
  return [el("h3", {}, "Failures"), ...splits.map(([split, error]) => {
    const tail = cell.tails?.[split];
    return el("div", { class: "failure" },
      el("p", {}, el("strong", {}, `Split ${split}, ${cell.status[split]}: `), error),
      tail ? el("pre", { tabindex: "0", "aria-label": `Last lines of the log of split ${split}` }, tail) : null);
  }), log];
}

function coefficientsOf(cell) {
  const dataset = RUN.datasetOf.get(cell.dataset);
  if (!hasCoefficients(cell))
    return RUN.kept && cell.n_ok ? el("p", { class: "hint" }, "This method has no coefficients.") : null;
  const parts = [el("h3", {}, "Coefficients")];
  const shown = dataset.features.length;
  const words = [dataset.truth.length ? "The bars beside the truth (dashes)." : "The true coefficients are not known."];
  if (shown < dataset.n_features) words.push(`The ${shown} largest of ${dataset.n_features} are shown.`);
  parts.push(el("p", { class: "hint" }, words.join(" ")));
  if (cell.coef)
    parts.push(el("label", {}, el("input", { type: "checkbox", id: "scaled", checked: dataset.task === "classification", change: () => drawCoefficients(cell) }),
      " divide each fit, and the truth, by its largest absolute coefficient"));
  parts.push(el("div", { class: "figure", id: "coefficients" }));
  return el("div", {}, parts);
}

function drawCoefficients(cell) {
  const box = document.getElementById("coefficients");
  if (!box) return;
  const title = `Coefficients of ${methodLabel(cell.method)} on ${datasetLabel(cell.dataset)}, by feature`;
  draw(box, title, () => coefficientFigure(cell, document.getElementById("scaled")?.checked ?? false));
}

function notedOf(cell) {
  const names = Object.keys(cell.info ?? {});
  if (!names.length) return null;
  // a method that selects by itself notes what it chose
  const own = (cell.params ?? []).every((params) => !Object.keys(params).length);
  return el("details", { open: own }, el("summary", {}, `What the fits noted (${plural(names.length, "fact")})`),
    plain("What the fits noted", ["split", ...names],
      cell.status.map((_, split) => [String(split), ...names.map((name) => fact(cell.info[name][cell.info[name].length > 1 ? split : 0]))])));
}
