// Light and dark: what the system asks for, in the page, in DataTables and in the figures.

const DARK = window.matchMedia("(prefers-color-scheme: dark)");
const redraws = new Map(); // by the box of a figure

function followTheme() {
  document.documentElement.classList.toggle("dark", DARK.matches);
  for (const [box, redraw] of redraws)
    if (box.isConnected) redraw();
    else redraws.delete(box);
}
DARK.addEventListener("change", followTheme);
document.documentElement.classList.toggle("dark", DARK.matches);

const colourOf = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A method's colour; on a dark ground the dark ones are mixed with white. */
function methodColour(method) {
  if (!DARK.matches) return method.colour;
  const parts = [1, 3, 5].map((at) => parseInt(method.colour.slice(at, at + 2), 16));
  const light = (0.3 * parts[0] + 0.59 * parts[1] + 0.11 * parts[2]) / 255;
  const share = Math.max(0, 0.6 - light);
  return `rgb(${parts.map((p) => Math.round(p + share * (255 - p))).join(",")})`;
}

/** Tells apart the methods that share a colour. */
const methodSymbol = (method) => method.symbol;

/** Draw a figure; ``make`` returns traces and layout and is asked again when the theme changes. */
function draw(box, title, make, onClick) {
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", title);
  const redraw = () => {
    const { traces, layout } = make();
    const axis = { gridcolor: colourOf("line"), zerolinecolor: colourOf("line"), linecolor: colourOf("line"), automargin: true };
    Plotly.react(box, traces, {
      font: { color: colourOf("ink"), size: 12, family: "system-ui, sans-serif" },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hoverlabel: { bgcolor: colourOf("ground"), bordercolor: colourOf("quiet"), font: { color: colourOf("ink") }, align: "left" },
      margin: { l: 8, r: 12, t: 8, b: 40 },
      dragmode: false,
      ...layout,
      xaxis: { ...axis, ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis },
    }, { responsive: true, displayModeBar: false });
    // what Plotly measures texts with, at the end of the page, is no picture
    document.getElementById("js-plotly-tester")?.setAttribute("aria-hidden", "true");
    if (onClick && !box.dataset.clicks) {
      box.dataset.clicks = "yes";
      box.on("plotly_click", (event) => onClick(event.points[0]));
    }
  };
  redraw();
  redraws.set(box, redraw);
}

/** Draw when the box comes near the window, since a page may have dozens of figures. */
const waiting = new Map();
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries)
    if (isIntersecting) {
      watcher.unobserve(target);
      waiting.get(target)();
      waiting.delete(target);
    }
}, { rootMargin: "300px" });

function drawLater(box, title, make, onClick) {
  waiting.set(box, () => draw(box, title, make, onClick));
  watcher.observe(box);
}

/** Forget the figures inside an element before it is emptied. */
function clear(element) {
  element.querySelectorAll(".figure").forEach((box) => {
    watcher.unobserve(box);
    waiting.delete(box);
    redraws.delete(box);
    Plotly.purge(box);
    box.remove();
  });
  element.replaceChildren();
}
