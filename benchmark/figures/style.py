"""How every figure looks: colours by method, notes on failed fits, files equal on a rerun."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from benchmark import storage

RC = {
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.linewidth": 0.7,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "figure.dpi": 200,  # that of saving: the layout must see the same text
    "savefig.dpi": 200,
    "pdf.compression": 6,
}
#: Paul Tol's "muted" scheme, safe for colour-blind readers, in an order that sets neighbours apart
CYCLE = (
    "#DDCC77",
    "#999933",
    "#88CCEE",
    "#44AA99",
    "#117733",
    "#AA4499",
    "#882255",
    "#332288",
    "#CC6677",
    "#777777",
)
MARKERS = "os^vPX<>ph"  # no diamond: that is the mark of published values
TRUTH = "black"
CHARACTERS_PER_INCH = 15.5
HOLLOW = {"markerfacecolor": "none", "markeredgecolor": "black", "markeredgewidth": 1.1}
STAMPS = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


#: colours from light to dark for values above 0; what is exactly 0 is white
INTENSITY = LinearSegmentedColormap.from_list(
    "intensity", matplotlib.colormaps["Blues"](np.linspace(0.15, 1, 256))
).with_extremes(bad="white")


def intensities(ax, values, largest=None):
    """Heat map of values >= 0 (rows, columns), exact zeros white.  Returns the image."""
    largest = largest or float(np.max(values)) or 1.0
    image = ax.imshow(
        np.ma.masked_equal(values, 0),
        aspect="auto",
        cmap=INTENSITY,
        interpolation="nearest",
        vmin=0,
        vmax=largest,
    )
    ax.spines[:].set_visible(True)
    ax.tick_params(length=0)
    return image


def rectangle(x, y, colour) -> Rectangle:
    """A cell of width and height 1 around a point, with a thin white border."""
    return Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8)


def colours(name):
    """One of matplotlib's maps from [0, 1] to colours."""
    return matplotlib.colormaps[name]


def context():
    """matplotlib's defaults and ours, whatever the user's own settings are."""
    return matplotlib.style.context(RC, after_reset=True)


def freeze(figure):
    """Lay out once, so that every format shows the same picture."""
    for _ in range(2):  # the second pass sees the ticks that the first one's sizes led to
        figure.draw_without_rendering()
    figure.set_layout_engine("none")


def save(figure, path):
    """Write a figure as PDF or PNG, by the suffix, without date and version stamps."""
    kind = Path(path).suffix[1:]
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, metadata=STAMPS[kind])
    storage.write_bytes(path, buffer.getvalue())


def _place(results, method) -> int:
    return results.config["methods"].index(method)


def colour(results, method) -> str:
    """Colour of a method: the same in every figure of a run."""
    return CYCLE[_place(results, method) % len(CYCLE)]


def marker(results, method) -> str:
    """Marker of a method; it tells apart the methods that the colours cannot."""
    place = _place(results, method)
    return MARKERS[(place + place // len(CYCLE)) % len(MARKERS)]


def new(width, height) -> Figure:
    """An empty figure, size in inches, that lays itself out."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.06)
    return figure


def say(ax, text):
    """Words in place of a panel's data."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes, color="#555555")


def words(text) -> Figure:
    """Words in place of a figure."""
    figure = new(6, 1.5)
    say(figure.add_subplot(), text)
    return figure


def shortfall(results, dataset, methods) -> str:
    """Which methods rest on fewer splits than the run has: ``NIMO 3/4 fits``; "" if none."""
    n = results.config["splits"]
    short = []
    for method in methods:
        ok = len(results.ok(dataset, method))
        if ok < n:
            short.append(f"{results.label(method)} {ok}/{n} fits")
    return ", ".join(short)


def panel_title(text, *notes) -> str:
    """A title with notes on a second line; empty notes are left out."""
    notes = [note for note in notes if note]
    return text + ("\n" + ", ".join(notes) if notes else "")


def legend(figure, results, methods, truth=False, extra=()):
    """One legend under the figure: methods in the order of the config, truth last."""
    handles = [
        Patch(facecolor=colour(results, m), label=results.label(m))
        for m in results.config["methods"]
        if m in methods
    ]
    if truth:
        handles.append(Line2D([], [], color=TRUTH, linewidth=2, label="truth"))
    handles += extra
    if handles:
        legend_below(figure, handles)


def legend_below(figure, handles):
    """A legend under the figure in as few rows as its width allows."""
    room = figure.get_figwidth() * CHARACTERS_PER_INCH
    columns = len(handles)
    while columns > 1 and _characters(handles, columns) > room:
        columns -= 1
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)


def _characters(handles, columns) -> int:
    """Width of a legend, whose entries go down its columns; 8 for a handle and its margins."""
    labels = [len(handle.get_label()) for handle in handles]
    return sum(max(column) + 8 for column in np.array_split(labels, columns))
