// The picture of a cell's coefficients: every split, their mean, the truth where it is known.

/** Divided by the largest absolute value; zeros stay, and so does null (a feature that a split does not have). */
function scaledToLargest(values) {
  const largest = Math.max(...values.map(Math.abs));
  return largest > 0 ? values.map((v) => (v === null ? null : v / largest)) : values;
}

const hasCoefficients = (cell) => Boolean(cell.coef || cell.coef_mean);

/** Columns of numbers: by feature the mean over the rows that have it. */
const meanRow = (rows) => rows[0].map((_, j) => mean(rows.map((row) => row[j]).filter((v) => v !== null)));

function coefficientFigure(cell, scaled) {
  const dataset = RUN.datasetOf.get(cell.dataset);
  const method = RUN.methodOf.get(cell.method);
  const as = (values) => (scaled ? scaledToLargest(values) : values);
  const traces = [];
  const x = dataset.features;
  const colour = methodColour(method);
  if (cell.coef) {
    const rows = cell.coef.map((row, split) => ({ row, split })).filter(({ row }) => row);
    const shown = rows.map(({ row }) => as(row));
    traces.push({
      type: "bar", name: "mean over splits", x, y: meanRow(shown), marker: { color: colour, opacity: 0.45 },
      hovertemplate: "%{x}: mean %{y:.4g}<extra></extra>",
    });
    traces.push({
      type: "scatter", mode: "markers", name: "one split",
      x: shown.flatMap(() => x), y: shown.flat(), text: shown.flatMap((row, place) => row.map(() => `split ${rows[place].split}`)),
      marker: { color: colour, size: 5, opacity: 0.9, line: { width: 0.5, color: colourOf("ink") } },
      hovertemplate: "%{x}, %{text}: %{y:.4g}<extra></extra>",
    });
  } else {
    traces.push({
      type: "bar", name: "mean ± sd over splits", x, y: cell.coef_mean, marker: { color: colour, opacity: 0.6 },
      error_y: cell.coef_sd ? { type: "data", array: cell.coef_sd, color: colourOf("ink"), thickness: 1 } : undefined,
      hovertemplate: "%{x}: mean %{y:.4g}<extra></extra>",
    });
  }
  const truths = dataset.truth.map(as);
  if (truths.length)
    traces.push({
      type: "scatter", mode: "markers", name: "truth", x: truths.flatMap(() => x), y: truths.flat(),
      marker: { symbol: "line-ew-open", size: 15, line: { width: 3 }, color: colourOf("ink") },
      hovertemplate: "%{x}: truth %{y:.4g}<extra></extra>",
    });
  return {
    traces,
    layout: {
      height: 300, bargap: 0.3, margin: { l: 8, r: 8, t: 8, b: 60 },
      xaxis: { type: "category", tickangle: x.length > 12 || x.some((n) => n.length > 4) ? -90 : 0, fixedrange: true },
      yaxis: { title: { text: scaled ? "coefficient, largest = 1" : "coefficient" }, fixedrange: true, zeroline: true, zerolinecolor: colourOf("quiet") },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
    },
  };
}
