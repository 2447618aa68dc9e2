"""How every figure looks: colours by method, notes on failed fits, files equal on a rerun."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

import baselines
from benchmark import storage
from benchmark.split_counts import splits_of

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
#: Paul Tol's "muted" scheme, safe for colour-blind readers: features, and whatever is no method
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
#: the one table that methods have their colours from, by family (``baselines.contract``): Tol's
#: "vibrant" scheme for ours, greys for lines, the cool and the warm half of his "light" scheme for
#: the others; all safe for colour-blind readers
COLOURS = {
    "ours": ("#0077BB", "#EE7733", "#EE3377", "#009988", "#CC3311", "#33BBEE"),
    "linear": ("#666666",),
    "readable": (
        *("#77AADD", "#BBCC33", "#44BB99", "#99DDFF", "#AAAA00"),
        *("#AA99CC", "#CCDDAA"),  # as pale, for want of more
    ),
    "black_box": ("#EE8866", "#EEDD88", "#FFAABB", "#BBBBBB"),
}
#: what tells methods of one colour apart; no diamond: that is the mark of published values
MARKERS = "os^vPX<>ph"
BOLD = "ours"
DECADE = 20.0  # a logarithmic axis that spans less has numbers between the powers of ten
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


@dataclass(frozen=True)
class Look:
    """How a method is drawn, in every figure of every run."""

    colour: str
    marker: str
    bold: bool


@cache
def _members() -> dict[str, list[str]]:
    """The methods that there are, by family, in alphabetical order."""
    found: dict[str, list[str]] = {name: [] for name in COLOURS}
    for name in baselines.names():
        found[baselines.load(name).family].append(name)
    return found


def look(results, method) -> Look:
    """The look of a method by its family and its place there.

    One with parameters in its name has a place behind all files, in the order of the config.
    """
    family = baselines.load(method).family
    members = _members()[family]
    if method not in members:
        others = [m for m in results.config["methods"] if m not in baselines.names()]
        members = members + [m for m in others if baselines.load(m).family == family]
    return look_at(family, members.index(method))


def look_at(family: str, place: int) -> Look:
    """The look at a place of a family: its colours in turn, with other markers each time."""
    colours = COLOURS[family]
    turn, at = divmod(place, len(colours))
    first = list(COLOURS).index(family)
    return Look(colours[at], MARKERS[(first + at + turn) % len(MARKERS)], family == BOLD)


def colour(results, method) -> str:
    """Colour of a method."""
    return look(results, method).colour


def mark(results, method, size: float = 5.5) -> dict:
    """What ``Axes.plot`` is told to draw the mark of a method; ours are larger and on top."""
    one = look(results, method)
    return {
        "linestyle": "",
        "marker": one.marker,
        "color": one.colour,
        "markersize": size + 1.5 * one.bold,
        "markeredgecolor": "black" if one.bold else "#666666",
        "markeredgewidth": 0.8 if one.bold else 0.4,
        "zorder": 5 if one.bold else 3,
    }


def handle(results, method) -> Line2D:
    """Legend entry of a method."""
    return Line2D([], [], label=results.label(method), **mark(results, method))


def embolden(results, labels, methods):
    """Set the names of ours in bold, among labels in the order of the methods."""
    for label, method in zip(labels, methods, strict=True):
        label.set_fontweight("bold" if look(results, method).bold else "normal")


def new(width, height) -> Figure:
    """An empty figure, size in inches, that lays itself out."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.06)
    return figure


def logarithmic(ax, which: str, margin: float):
    """A logarithmic x or y axis with plain numbers, ever more of them the less it spans."""
    getattr(ax, f"set_{which}scale")("log")
    ax.margins(**{which: margin})
    ax.autoscale_view()
    axis = getattr(ax, f"{which}axis")
    low, high = sorted(axis.get_view_interval())
    span = high / low
    axis.set_major_formatter("{x:g}")
    if span < 4:  # the powers of ten may all lie outside
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_minor_locator(NullLocator())
        return
    axis.set_minor_locator(LogLocator(subs=(2, 5)))
    axis.set_minor_formatter("{x:g}" if span < DECADE else NullFormatter())


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
    """Which methods rest on fewer splits than the data set has: ``NIMO 3/4 fits``; "" if none."""
    n = splits_of(results.config, dataset)
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
    chosen = [m for m in results.config["methods"] if m in methods]
    handles = [handle(results, m) for m in chosen]
    if truth:
        handles.append(Line2D([], [], color=TRUTH, linewidth=2, label="truth"))
    handles += extra
    if handles:
        shown = legend_below(figure, handles)
        embolden(results, shown.get_texts()[: len(chosen)], chosen)


def legend_below(figure, handles):
    """A legend under the figure in as few rows as its width allows; returns it."""
    room = figure.get_figwidth() * CHARACTERS_PER_INCH
    columns = len(handles)
    while columns > 1 and _characters(handles, columns) > room:
        columns -= 1
    return figure.legend(handles=handles, loc="outside lower center", ncols=columns)


def _characters(handles, columns) -> int:
    """Width of a legend, whose entries go down its columns; 8 for a handle and its margins."""
    labels = [len(handle.get_label()) for handle in handles]
    return sum(max(column) + 8 for column in np.array_split(labels, columns))
