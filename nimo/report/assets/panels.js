// Curves, levels, surfaces and modulations; each returns its figure and how the chosen row is marked.

const WIDTH = 380, LEFT = 52, RIGHT = 372, TOP = 8, BOTTOM = 158, FLOOR = 206, HEIGHT = 240;
const number = (name) => DATA.numbers[state.row][placeOf.get(name)];

/** A figure; ``more`` are heads and rows of its numbers. */
function figure(title, box, note, more) {
  const caption = element("figcaption", {}, note);
  const numbers = element("details", {}, [
    element("summary", {}, "Numbers"),
    scrolled(`Numbers of ${title}`, table(title, more.heads, more.rows)),
  ]);
  return { node: element("figure", {}, [element("h3", {}, title), box, caption, numbers]), caption };
}

/** Where the rows lie, below a curve. */
function density(box, rows, x) {
  const most = Math.max(1, ...rows.counts);
  rows.counts.forEach((count, k) => {
    const [from, to] = [x(rows.edges[k]), x(rows.edges[k + 1])];
    const height = (count / most) * (FLOOR - BOTTOM - 8);
    box.append(shape("rect", { class: "rows", x: from, width: Math.max(0.5, to - from - 0.6), y: FLOOR - height, height },
      shape("title", {}, `${plural(count, "row")} from ${written(rows.edges[k])} to ${written(rows.edges[k + 1])}`)));
  });
}
const words = (rows) => [
  rows.beyond ? `${plural(rows.beyond, "row")} beyond` : "", rows.missing ? `missing in ${rows.missing}` : "",
].filter(Boolean).join(", ");

/** Some of many: their numbers. */
const some = (length, count) =>
  [...new Set([...Array(count).keys()].map((k) => Math.round((k * (length - 1)) / (count - 1))))];

/** A picture with lines over one feature and the rows below; ``read`` says what stands at x. */
function overFeature(title, label, feature, panel, limits, note, draw, read, more, mark) {
  const box = svg(WIDTH, HEIGHT, label);
  const [low, high] = [panel.rows.edges[0], panel.rows.edges[panel.rows.edges.length - 1]];
  const x = scale(low, high, LEFT, RIGHT), y = scale(...limits, BOTTOM, TOP);
  axisLeft(box, y, ...limits, LEFT, RIGHT);
  density(box, panel.rows, x);
  axisBelow(box, x, low, high, FLOOR, LEFT, RIGHT);
  box.append(shape("text", { x: (LEFT + RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, clipped(feature, 50)));
  // what leaves the frame, as a tangent does, is not drawn
  const frame = [LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP];
  const inner = shape("svg", { x: LEFT, y: TOP, width: frame[2], height: frame[3], viewBox: frame.join(" ") });
  draw(inner, x, y);
  box.append(inner);
  const made = figure(title, box, note, more);
  box.addEventListener("pointermove", (event) => {
    const frame = box.getBoundingClientRect();
    const at = low + ((((event.clientX - frame.left) / frame.width) * WIDTH - LEFT) / (RIGHT - LEFT)) * (high - low);
    made.caption.textContent = read(Math.min(high, Math.max(low, at)));
  });
  box.addEventListener("pointerleave", () => { made.caption.textContent = note; });
  const chosen = shape("g");
  box.append(chosen);
  return { node: made.node, mark: () => { chosen.replaceChildren(); mark(chosen, x, y, low, high); } };
}

/** Of a line through (xs, ys), at x. */
function on(xs, ys, x) {
  const k = Math.min(xs.length - 2, Math.max(0, xs.findIndex((at) => at > x) - 1));
  const share = (x - xs[k]) / (xs[k + 1] - xs[k] || 1);
  return ys[k] + Math.min(1, Math.max(0, share)) * (ys[k + 1] - ys[k]);
}

function curvePanel(panel, limits) {
  const { feature, x: xs, y: ys, interval, line } = panel;
  const kind = panel.curved ? "line and curve" : "line";
  const label = `${feature}: ${kind}, from ${written(ys[0])} at ${written(xs[0])} to ${written(ys.at(-1))} at ${written(xs.at(-1))}`;
  const missing = panel.at_missing === null ? "" : `where missing ${signed(panel.at_missing)}`;
  const note = [`${kind}, 0 at ${written(panel.baseline)}`, words(panel.rows), missing].filter(Boolean).join("; ");
  const few = some(xs.length, 9);
  const heads = [[feature], ["adds", "number"], ["95 % interval", "number"]];
  const rows = few.map((k) => [written(xs[k]), written(ys[k]), between(interval?.[k])]);
  return overFeature(feature, label, feature, panel, limits, note,
    (box, x, y) => {
      if (interval) {
        const [lower, upper] = [0, 1].map((side) => interval.map((pair) => y(pair[side])));
        const there = xs.map(x);
        const around = path([...there, ...[...there].reverse()], [...lower, ...upper.reverse()], "band");
        box.append(around);
      }
      if (panel.curved) box.append(path(xs.map(x), line.map(y), "straight"));
      box.append(path(xs.map(x), ys.map(y), "curve"));
    },
    (at) => {
      const sure = interval ? `, 95 % ${written(on(xs, interval.map((p) => p[0]), at))} to ${written(on(xs, interval.map((p) => p[1]), at))}` : "";
      return `${feature} = ${written(at)}: ${signed(on(xs, ys, at))}${sure}`;
    },
    { heads, rows },
    (group, x, y, low, high) => {
      const at = number(feature);
      if (at === null || at < low || at > high) return;
      group.append(shape("circle", { class: "chosen", r: 4.5, cx: x(at), cy: y(on(xs, ys, at)) }));
    });
}

function modulationPanel(panel) {
  const [j, k] = [placeOf.get(panel.feature), placeOf.get(panel.by)];
  const local = part().local.map((row) => row[j]), at = DATA.numbers.map((row) => row[k]);
  const limits = extent([...panel.curves.flatMap((c) => c.y), panel.coef, ...local]);
  const title = `${panel.feature}, modulated by ${panel.by}`;
  const last = panel.curves.at(-1);
  const styles = panel.curves.length > 1 ? ["curve third", "curve second", "curve"] : ["curve"];
  const note = [`Coefficient of ${panel.feature}; ${written(panel.coef)} at the baseline; points are rows`,
    ...panel.curves.slice(0, -1).map((c, i) => `${["dotted", "dashed"][i]}: ${c.label}`), words(panel.rows)].filter(Boolean).join("; ");
  const few = some(last.x.length, 9);
  const heads = [[panel.by], ...panel.curves.map((c) => [c.label, "number"])];
  const rows = few.map((i) => [written(last.x[i]), ...panel.curves.map((c) => written(c.y[i]))]);
  const label = `Coefficient of ${panel.feature} by ${panel.by}, from ${written(last.y[0])} to ${written(last.y.at(-1))}`;
  return overFeature(title, label, panel.by, panel, limits, note,
    (box, x, y) => {
      const [from, to] = [last.x[0], last.x.at(-1)];
      local.forEach((value, i) => {
        if (at[i] >= from && at[i] <= to) box.append(shape("circle", { class: "point", r: 1.8, cx: x(at[i]), cy: y(value) }));
      });
      panel.curves.forEach((c, i) => box.append(path(c.x.map(x), c.y.map(y), styles[i])));
    },
    (value) => `${panel.by} = ${written(value)}: coefficient ${written(on(last.x, last.y, value))}`,
    { heads, rows },
    (group, x, y, low, high) => {
      const here = at[state.row];
      if (here >= low && here <= high)
        group.append(shape("circle", { class: "chosen", r: 4.5, cx: x(here), cy: y(local[state.row]) }));
    });
}

function levelsPanel(panel) {
  const ends = panel.interval ? panel.interval.flat() : panel.y;
  const [low, high] = extent([0, ...ends]);
  const nodes = panel.levels.map((level, k) => {
    const box = strip(low, high, (inner, x) => {
      inner.append(bar(x, 0, panel.y[k], panel.y[k] < 0 ? "minus" : "plus"));
      const pair = panel.interval?.[k];
      if (pair) inner.append(shape("line", { class: "span", x1: x(pair[0]), x2: x(pair[1]), y1: 9, y2: 9 }));
    });
    const adds = [signed(panel.y[k]), ...(panel.interval ? [element("small", {}, between(panel.interval[k]))] : [])];
    return [level, box, adds, String(panel.counts[k])];
  });
  const heads = [["level"], ["", "bar"], [panel.interval ? "adds, 95 %" : "adds", "number"], ["rows", "number"]];
  const note = panel.left_out ? `${panel.left_out} levels that differ less are left out` : "";
  const inner = table(`What each level adds`, heads, nodes);
  const node = element("figure", {}, [
    element("h3", {}, panel.feature), scrolled(`Levels of ${panel.feature}`, inner), element("figcaption", {}, note),
  ]);
  const mark = () => [...inner.tBodies[0].rows].forEach((row, k) => {
    const here = panel.codes[k] === number(panel.feature);
    row.style.fontWeight = here ? "700" : "";
    row.cells[0].style.fontWeight = here ? "700" : "";
    if (here) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
  });
  return { node, mark };
}

/** Places of an axis of a surface: edges of its cells, and where a value lies, null outside. */
function cells(values, named, from, to) {
  const width = (to - from) / values.length;
  if (named.length) {
    return { edge: (k) => from + k * width, at: (v) => { const k = values.indexOf(v); return k < 0 ? null : from + (k + 0.5) * width; } };
  }
  const step = (values.at(-1) - values[0]) / (values.length - 1) || 1;
  const [low, high] = [values[0] - step / 2, values.at(-1) + step / 2];
  const place = scale(low, high, from, to);
  return { edge: (k) => from + k * width, at: (v) => (v === null || v < low || v > high ? null : place(v)), place, low, high };
}

function surfacePanel(panel) {
  const [a, b] = panel.pair;
  const title = panel.features.join(" × ");
  const most = Math.max(1e-300, ...panel.height.flat().map(Math.abs));
  const held = Object.entries(panel.held).map(([name, place]) => `${name} at ${place}`);
  const note = [`red adds up to ${written(most)}, blue takes as much; points are rows`, ...held].join("; ");
  const box = svg(WIDTH, HEIGHT + 30, `Surface of ${title}, between ${written(-most)} and ${written(most)}`);
  const left = panel.words_y.length ? 84 : LEFT, floor = HEIGHT - 10;
  const x = cells(panel.x, panel.words_x, left, RIGHT), y = cells(panel.y, panel.words_y, floor, TOP);
  panel.height.forEach((line, i) => line.forEach((value, k) => {
    const [top, bottom] = [y.edge(i + 1), y.edge(i)];
    box.append(shape("rect", {
      class: value < 0 ? "minus" : "plus", "fill-opacity": (Math.abs(value) / most).toFixed(3), "shape-rendering": "crispEdges",
      x: x.edge(k), width: x.edge(k + 1) - x.edge(k), y: top, height: bottom - top,
    }));
  }));
  const middle = (c, k) => (c.edge(k) + c.edge(k + 1)) / 2;
  if (panel.words_x.length) panel.words_x.forEach((w, k) =>
    box.append(shape("text", { x: middle(x, k), y: floor + 15, "text-anchor": "middle" }, clipped(w, Math.max(2, Math.floor(46 / panel.words_x.length))))));
  else axisBelow(box, x.place, x.low, x.high, floor, left, RIGHT);
  if (panel.words_y.length) panel.words_y.forEach((w, k) =>
    box.append(shape("text", { x: left - 5, y: middle(y, k) + 4, "text-anchor": "end" }, clipped(w, 12))));
  else for (const at of ticks(y.low, y.high, 4))
    box.append(shape("text", { x: left - 5, y: y.place(at) + 4, "text-anchor": "end" }, written(at)));
  box.append(shape("text", { x: (left + RIGHT) / 2, y: floor + 32, "text-anchor": "middle" }, clipped(a, 50)));
  box.append(shape("text", { transform: `translate(11 ${(floor + TOP) / 2}) rotate(-90)`, "text-anchor": "middle" }, clipped(b, 34)));
  const spread = (named, k) => (named.length ? ((((k * 37) % 23) / 23 - 0.5) * 0.6 * (RIGHT - left)) / named.length : 0);
  const place = (row, k) => {
    const [px, py] = [x.at(row[placeOf.get(a)]), y.at(row[placeOf.get(b)])];
    return px === null || py === null ? null : { cx: px + spread(panel.words_x, k), cy: py + (spread(panel.words_y, k + 11) * (floor - TOP)) / (RIGHT - left) };
  };
  DATA.numbers.forEach((row, k) => {
    const at = place(row, k);
    if (at) box.append(shape("circle", { class: "over", r: 1.6, ...at }));
  });
  const named = (values, list, k) => list[k] ?? written(values[k]);
  const [across, down] = [some(panel.x.length, 5), some(panel.y.length, 5)];
  const heads = [[`${b} ↓ ${a} →`], ...across.map((k) => [named(panel.x, panel.words_x, k), "number"])];
  const rows = down.map((i) => [named(panel.y, panel.words_y, i), ...across.map((k) => written(panel.height[i][k]))]);
  const made = figure(title, box, note, { heads, rows });
  box.addEventListener("pointermove", (event) => {
    const frame = box.getBoundingClientRect(), ratio = WIDTH / frame.width;
    const k = Math.floor(((event.clientX - frame.left) * ratio - left) / ((RIGHT - left) / panel.x.length));
    const i = Math.floor((floor - (event.clientY - frame.top) * ratio) / ((floor - TOP) / panel.y.length));
    const value = panel.height[i]?.[k];
    made.caption.textContent = value === undefined ? note
      : `${a} = ${named(panel.x, panel.words_x, k)}, ${b} = ${named(panel.y, panel.words_y, i)}: ${signed(value)}`;
  });
  box.addEventListener("pointerleave", () => { made.caption.textContent = note; });
  const chosen = shape("g");
  box.append(chosen);
  const mark = () => {
    const at = place(DATA.numbers[state.row], state.row);
    chosen.replaceChildren(...(at ? [shape("circle", { class: "chosen", r: 4.5, ...at })] : []));
  };
  return { node: made.node, mark };
}

let marks = [];
function drawPanels() {
  const all = part().panels;
  const curves = all.filter((panel) => panel.type === "curve");
  const valuesOf = (panel) => [0, ...panel.y, ...(panel.interval ?? []).flat()];
  const common = by("same-scale").checked ? extent(curves.flatMap(valuesOf)) : null;
  const kinds = { levels: levelsPanel, surface: surfacePanel, modulation: modulationPanel };
  const made = all.map((panel) => (kinds[panel.type] ?? ((p) => curvePanel(p, common ?? extent(valuesOf(p)))))(panel));
  by("panel-grid").replaceChildren(...made.map((one) => one.node));
  marks = made.map((one) => one.mark);
  by("scale-label").hidden = curves.length < 2;
  const left = part().panels_left_out;
  by("panels-note").textContent = all.length
    ? `What each adds to the ${DATA.quantity}, the strongest first. Grey below: where the rows lie. The ring is the chosen row.${left ? ` ${left} weaker ones are not drawn.` : ""}`
    : "Nothing bends in this model: its coefficients say all.";
  if (all.some((panel) => panel.type === "modulation"))
    by("panels-note").textContent = `How the coefficient of a feature changes with what modulates it, the strongest first. Grey below: where the rows lie. The ring is the chosen row.${left ? ` ${left} weaker ones are not drawn.` : ""}`;
}
