// The page as a whole.

function head() {
  by("title").textContent = DATA.model;
  const of = DATA.classes ? `Classes ${DATA.classes.join(", ")}` : `Family ${DATA.family}`;
  by("summary").textContent = `${of}. Trained on ${plural(DATA.n_training_rows, "row")}; this page is of ${plural(DATA.n_rows, "row")}. ${DATA.features.length} of ${plural(DATA.n_features, "feature")} in the model.`;
  if (DATA.parts.length > 1) {
    by("choice").hidden = false;
    by("part").replaceChildren(...DATA.parts.map((one, k) => element("option", { value: k }, one.label)));
    by("part-note").textContent = `There is one predictor for each of ${DATA.parts.length} classes: all below, but the errors, is that of the chosen class (${DATA.quantity}).`;
    by("part").addEventListener("change", () => { state.part = Number(by("part").value); drawPart(); });
  }
  by("errors").replaceChildren(table(`On the ${plural(DATA.n_rows, "row")} of this page`,
    [["error"], ["model", "number"], ["best constant", "number"]],
    DATA.errors.map((e) => [e.name, written(e.model), written(e.constant)])));
  by("cautions").replaceChildren(...DATA.cautions.map((one) => element("li", {}, `⚠ ${one.text}`)));
  by("cautions").hidden = !DATA.cautions.length;
}

function drawFormula() {
  by("formula").textContent = part().formula;
  const kinds = new Set(part().panels.map((panel) => panel.type));
  const curved = part().panels.some((panel) => panel.curved);
  const notes = [`What it gives is the ${DATA.quantity}.`];
  if (curved || kinds.has("surface")) notes.push("s are curves and p surfaces; all are 0, with slope 0, at the baseline.");
  if (part().coefficients.some((one) => one.by_level)) notes.push("levels are the effects of a category, 0 on average over the training rows.");
  if (kinds.has("modulation")) notes.push("v are modulations, 0 at the baseline.");
  by("formula-note").textContent = notes.join(" ");
}

function drawTerms() {
  const { terms, disagreement } = part();
  const sure = terms.some((term) => term.of.length), weighed = terms.some((term) => term.of.some((one) => one.weight !== null));
  const high = Math.max(1e-300, ...terms.map((term) => term.size));
  const heads = [["term"], ["mean |addition|", "number"], ["", "bar"]];
  if (sure) heads.push(["share of variance", "number"], ["kind", "words"]);
  if (weighed) heads.push(["in structures of weight", "words"]);
  const rows = terms.map((term) => {
    const cells = [term.features.join(" × "), written(term.size), strip(0, high, (box, x) => box.append(bar(x, 0, term.size, "at")))];
    if (sure) cells.push(percent(term.of.reduce((sum, one) => sum + one.share, 0)), term.of.map((one) => one.kind).join(" and "));
    if (weighed) cells.push(term.of.map((one) => (term.of.length > 1 ? `${one.kind} ` : "") + percent(one.weight ?? 0)).join(", "));
    return cells;
  });
  const words = `Mean size of what each adds to the ${DATA.quantity}, over the rows`;
  by("terms-table").replaceChildren(...(rows.length ? shortened(table(words, heads, rows)) : ["The model is a constant."]));
  by("terms-note").textContent = sure ? "The share is of the variance of the predictor over the training rows; shares add up to 100 %, and one is negative where a term works against others." : "";
  const own = DATA.structures;
  by("structures").textContent = own.length
    ? `The model is the mean of ${plural(own.length, "structure")}, of weight ${own.map((one) => percent(one.share)).join(", ")}.`
      + (disagreement === null ? "" : ` Between them the predictor differs by ${percent(disagreement)} of its standard deviation over the rows.`)
    : "";
}

function drawCoefficients() {
  const own = part().coefficients;
  const sure = DATA.intervals;
  const scaled = (one) => [one.coef, ...(one.interval ?? []), ...one.local].map((v) => v * one.spread);
  const [low, high] = extent([0, ...own.flatMap(scaled)]);
  const heads = [["feature"], ["", "bar"], ["coefficient", "number"], [sure ? "95 % interval" : "local, 5 to 95 % of rows", "number"],
    ["at", "number"], ["kind", "words"], ["modulated by", "words"]];
  const rows = own.map((one) => [
    one.feature,
    strip(low, high, (box, x) => {
      const s = one.spread;
      if (one.local[0] !== one.local[1]) box.append(bar(x, one.local[0] * s, one.local[1] * s, "wide", 5, 8));
      if (one.interval) box.append(shape("line", { class: "span", x1: x(one.interval[0] * s), x2: x(one.interval[1] * s), y1: 9, y2: 9 }));
      if (one.coef !== 0) box.append(shape("rect", { class: "at", x: x(one.coef * s) - 0.7, width: 1.4, y: 2, height: 14 }));
    }),
    one.by_level ? "by level" : written(one.coef), one.by_level ? "" : between(sure ? one.interval : one.local),
    one.by_level ? "" : written(one.baseline), one.kind === "absent" ? "modulates only" : one.kind, one.modulated_by.join(", "),
  ]);
  by("coefficients-note").textContent = "The slope at the baseline, the value in the column “at”. Drawn times the feature’s standard deviation; grey: the local coefficients of 5 to 95 % of the rows."
    + (sure ? " The interval is given the terms; that they were selected is not in it." : " NIMO has no posterior: it has no intervals.");
  by("coefficients-table").replaceChildren(...(rows.length ? shortened(table(`Effect of a feature on the ${DATA.quantity}`, heads, rows)) : ["No feature has a coefficient."]));
}

function drawPart() {
  drawFormula();
  drawTerms();
  drawCoefficients();
  drawPanels();
  drawCloud();
  choose(state.row);
}

head();
rowControls();
state.row = Math.floor(DATA.rows.length / 2);
by("same-scale").addEventListener("change", () => { drawPanels(); marks.forEach((mark) => mark()); });
drawPart();
document.documentElement.dataset.ready = "yes";
