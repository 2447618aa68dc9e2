// A row taken apart: chosen by hovering over a point, by a slider or from a list.

const SHOWN_TERMS = 12;
const cloud = { points: [], chosen: null };
const several = DATA.classes && DATA.classes.length > 2;

/** What is across: the prediction, or a probability. */
const answered = (row) =>
  Array.isArray(row.predicted) ? row.predicted[several ? state.part : 1] : row.predicted;
const answerName = () => (DATA.classes ? `probability of ${DATA.classes[several ? state.part : 1]}` : "predicted");

function drawCloud() {
  const width = 400, height = 300, left = DATA.classes ? 84 : 54, right = 392, top = 8, floor = 258;
  const xs = DATA.rows.map(answered);
  const [low, high] = DATA.classes ? [0, 1] : extent(xs);
  const x = scale(low, high, left + 6, right);
  const box = svg(width, height, `${DATA.rows.length} rows: ${answerName()}, and what was observed`);
  axisBelow(box, x, low, high, floor, left, right);
  box.append(shape("text", { x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }, clipped(answerName(), 48)));
  let place;
  if (DATA.classes) {
    const lane = (floor - top) / DATA.classes.length;
    DATA.classes.forEach((name, k) => box.append(shape("text", { x: left - 5, y: floor - (k + 0.5) * lane + 4, "text-anchor": "end" }, clipped(name, 12))));
    // spread within the lane, always in the same way
    place = (row, k) => floor - (DATA.classes.indexOf(row.observed) + 0.2 + (0.6 * ((k * 37) % 101)) / 101) * lane;
  } else {
    const limits = extent(DATA.rows.map((row) => row.observed));
    const y = scale(...limits, floor - 4, top);
    axisLeft(box, y, ...limits, left, right);
    box.append(shape("text", { transform: `translate(11 ${(floor + top) / 2}) rotate(-90)`, "text-anchor": "middle" }, "observed"));
    const ends = [Math.max(low, limits[0]), Math.min(high, limits[1])];
    if (DATA.family !== "quantile" && ends[0] < ends[1]) box.append(path(ends.map(x), ends.map(y), "straight"));
    place = (row) => y(row.observed);
  }
  cloud.points = DATA.rows.map((row, k) => ({ cx: x(xs[k]), cy: place(row, k) }));
  cloud.points.forEach((at) => box.append(shape("circle", { class: "point", r: 3, ...at })));
  cloud.chosen = shape("circle", { class: "chosen", r: 5.5 });
  box.append(cloud.chosen);
  const nearest = (event) => {
    const frame = box.getBoundingClientRect(), ratio = width / frame.width;
    const [px, py] = [(event.clientX - frame.left) * ratio, (event.clientY - frame.top) * ratio];
    let best = null, least = 18 * 18;
    cloud.points.forEach((at, k) => {
      const distance = (at.cx - px) ** 2 + (at.cy - py) ** 2;
      if (distance < least) [best, least] = [k, distance];
    });
    if (best !== null && best !== state.row) choose(best);
  };
  box.addEventListener("pointermove", nearest);
  box.addEventListener("pointerdown", nearest);
  by("row-cloud").replaceChildren(box);
}

/** Bars from the predictor at the baseline to that of the row, the largest first. */
function waterfall() {
  const { terms, contributions, at_baseline: start, predictor } = part();
  const own = contributions[state.row] ?? [], row = DATA.rows[state.row];
  const order = own.map((_, k) => k).sort((a, b) => Math.abs(own[b]) - Math.abs(own[a]));
  const shown = order.slice(0, SHOWN_TERMS), rest = order.slice(SHOWN_TERMS);
  const steps = shown.map((k) => [
    terms[k].features.join(" × "),
    terms[k].features.map((name) => row.values[placeOf.get(name)]).join(", "), own[k],
  ]);
  if (rest.length) steps.push([`${rest.length} smaller terms`, "", rest.reduce((sum, k) => sum + own[k], 0)]);
  let total = start;
  const spans = steps.map(([, , value]) => [total, (total += value)]);
  const [low, high] = extent([start, predictor[state.row], ...spans.flat()], 0.02);
  const lines = steps.map(([name, value, adds], k) => [
    name, value, signed(adds),
    strip(low, high, (box, x) => box.append(bar(x, ...spans[k], adds < 0 ? "minus" : "plus"))),
  ]);
  const point = (value) => strip(low, high, (box, x) => box.append(shape("rect", { class: "at", x: x(value) - 0.5, width: 1, y: 1, height: 16 })));
  lines.unshift(["at the baseline", "", written(start), point(start)]);
  lines.push([DATA.quantity, "", written(predictor[state.row]), point(predictor[state.row])]);
  const label = part().label === null ? "" : `, class ${part().label}`;
  by("row-table").replaceChildren(table(`What adds up to the ${DATA.quantity}${label}`,
    [["term"], ["value", "words"], ["adds", "number"], ["", "bar"]], lines));
}

function rowText() {
  const row = DATA.rows[state.row], interval = part().interval?.[state.row];
  const said = [];
  if (Array.isArray(row.predicted))
    said.push(`probabilities ${DATA.classes.map((name, k) => `${name}: ${written(Number(row.predicted[k].toFixed(4)))}`).join(", ")}`);
  else said.push(`${DATA.response ?? "prediction"} ${written(row.predicted)}`);
  said.push(`observed ${typeof row.observed === "number" ? written(row.observed) : row.observed}`);
  if (interval) said.push(`95 % interval of the ${DATA.quantity} without the noise of a new response: ${between(interval)}`);
  const outside = row.outside.length ? ` Outside the range of the training rows: ${row.outside.join(", ")}.` : "";
  by("row-text").textContent = `Row ${row.number}: ${said.join("; ")}.${outside}`;
}

/** Another row, everywhere on the page. */
function choose(k) {
  state.row = k;
  const slider = by("row-slider");
  slider.value = k;
  slider.setAttribute("aria-valuetext", `row ${DATA.rows[k].number}, ${answerName()} ${written(answered(DATA.rows[k]))}`);
  by("row-select").value = k;
  cloud.chosen.setAttribute("cx", cloud.points[k].cx);
  cloud.chosen.setAttribute("cy", cloud.points[k].cy);
  waterfall();
  rowText();
  marks.forEach((mark) => mark());
}

function rowControls() {
  const slider = by("row-slider"), select = by("row-select");
  slider.max = DATA.rows.length - 1;
  const order = DATA.rows.map((_, k) => k).sort((a, b) => DATA.rows[a].number - DATA.rows[b].number);
  select.replaceChildren(...order.map((k) => element("option", { value: k }, String(DATA.rows[k].number))));
  slider.addEventListener("input", () => choose(Number(slider.value)));
  select.addEventListener("change", () => choose(Number(select.value)));
  by("row-note").textContent = (DATA.rows.length < DATA.n_rows
    ? `${DATA.rows.length} of ${DATA.n_rows} rows, spread over the predictions. ` : "")
    + "Rows are numbered from 0. Point at a dot, or move the slider with the arrow keys.";
}
