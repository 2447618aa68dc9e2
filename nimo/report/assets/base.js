"use strict";
// The data, elements and drawing of axes.  Every word of the data goes in as text, never as markup.

// The namespace of SVG is a name, and nothing is fetched from it; the parser knows it too.
const SPACE = new DOMParser().parseFromString("<svg></svg>", "text/html").querySelector("svg").namespaceURI;
const DATA = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const state = { part: 0, row: 0 };
const part = () => DATA.parts[state.part];
const placeOf = new Map(DATA.features.map((name, k) => [name, k]));

/** A number with four digits, and a true minus sign. */
function written(value) {
  if (value === null) return "–";
  const size = Math.abs(value);
  const text = value !== 0 && (size >= 1e6 || size < 1e-4) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replaceAll("-", "−");
}
const signed = (value) => (value > 0 ? "+" : "") + written(value);
const between = (pair) => (pair ? `${written(pair[0])} to ${written(pair[1])}` : "–");
const percent = (share) => `${(100 * share).toFixed(share < 0.1 && share > -0.1 ? 1 : 0).replace("-", "−")} %`;
const clipped = (text, most) => (text.length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) node.setAttribute(key, value);
  for (const child of [children ?? []].flat()) node.append(child);
  return node;
}
const element = (tag, attributes, children) => fill(document.createElement(tag), attributes, children);
const shape = (tag, attributes, children) =>
  fill(document.createElementNS(SPACE, tag), attributes, children);

/** A table: heads are [word, class]; a row is a list of texts or nodes, its first names it. */
function table(caption, heads, rows) {
  const head = heads.map(([word, kind]) => element("th", { scope: "col", class: kind ?? "" }, word));
  const body = rows.map((cells) =>
    element("tr", {}, cells.map((cell, k) =>
      k === 0 ? element("th", { scope: "row" }, cell) : element("td", { class: heads[k][1] ?? "" }, cell))));
  return element("table", {}, [
    element("caption", {}, element("span", {}, caption)), element("thead", {}, element("tr", {}, head)), element("tbody", {}, body),
  ]);
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** A long table, the rest of which is shown when it is asked for. */
function shortened(whole, most = 30) {
  const rest = [...whole.tBodies[0].rows].slice(most);
  if (!rest.length) return [whole];
  const button = element("button", { type: "button" }, `Show ${plural(rest.length, "more row")}`);
  rest.forEach((row) => { row.hidden = true; });
  button.addEventListener("click", () => { rest.forEach((row) => { row.hidden = false; }); button.remove(); });
  return [whole, button];
}

/** What may be wider than the page scrolls alone, and by keys. */
const scrolled = (title, inner) => element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": title }, inner);

/** Round values within a range. */
function ticks(low, high, count = 5) {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 2.5, 5, 10].find((f) => f * power >= raw);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
}

/** A linear scale; what is constant lies in the middle. */
function scale(low, high, from, to) {
  const width = high - low;
  return (value) => (width > 0 ? from + ((value - low) / width) * (to - from) : (from + to) / 2);
}

/** Smallest and largest of some numbers, with a margin on either side. */
function extent(values, margin = 0.04) {
  const there = values.filter((value) => value !== null);
  let [low, high] = there.length ? [Math.min(...there), Math.max(...there)] : [0, 1];
  if (low === high) [low, high] = [low - 1, high + 1];
  const more = margin * (high - low);
  return [low - more, high + more];
}

/** A line through points of the picture. */
const path = (xs, ys, kind) =>
  shape("path", { class: kind, d: xs.map((x, k) => `${k ? "L" : "M"}${x.toFixed(1)} ${ys[k].toFixed(1)}`).join("") });

const svg = (width, height, label) =>
  shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });

/** An axis below, with words where there are values between which nothing lies. */
function axisBelow(box, x, low, high, y, from, to) {
  box.append(shape("line", { class: "axis", x1: from, x2: to, y1: y, y2: y }));
  for (const at of ticks(low, high)) {
    const place = x(at);
    box.append(shape("line", { class: "axis", x1: place, x2: place, y1: y, y2: y + 4 }));
    box.append(shape("text", { x: place, y: y + 15, "text-anchor": "middle" }, written(at)));
  }
}
function axisLeft(box, y, low, high, x, to) {
  for (const at of ticks(low, high, 4)) {
    box.append(shape("line", { class: at === 0 ? "zero" : "axis", x1: x, x2: to, y1: y(at), y2: y(at) }));
    box.append(shape("text", { x: x - 5, y: y(at) + 4, "text-anchor": "end" }, written(at)));
  }
}

/** In a cell of a table: bars and lines on the scale from low to high. */
function strip(low, high, draw) {
  const box = shape("svg", { viewBox: "0 0 100 18", preserveAspectRatio: "none", "aria-hidden": "true" });
  const x = scale(low, high, 1, 99);
  if (low <= 0 && high >= 0) box.append(shape("line", { class: "axis", x1: x(0), x2: x(0), y1: 0, y2: 18 }));
  draw(box, x);
  return box;
}
const bar = (x, from, to, kind, y = 4, height = 10) =>
  shape("rect", { class: kind, x: Math.min(x(from), x(to)), width: Math.max(0.6, Math.abs(x(to) - x(from))), y, height });
