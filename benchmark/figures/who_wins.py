"""Who wins where: methods x data sets, each cell how far a method is behind the best one there."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import PowerNorm

from benchmark.evaluation.aggregates import GROUP_LABELS, aggregates
from benchmark.figures import style
from benchmark.tables.cells import dataset_label

BEST = "★"
CELL = 0.25  # inches of a column
ROW = 0.19  # inches of a row
LABELS = 1.7  # inches for the names of methods
NARROWEST = 5.8  # inches of the figure
GAP = 0.5  # columns between two groups
SHOWN = 0.005  # an improvability below this is 0 for a reader
COLOURS = "YlOrBr"
MISSING = "#cccccc"
DARK = 0.45  # improvability from which on the text is white


def _by_task(found):
    """Aggregates of one metric and task side by side, in the order of the config's metrics."""
    panels: dict[tuple, list] = {}
    for aggregate in found:
        panels.setdefault((aggregate.metric.name, aggregate.task), []).append(aggregate)
    return list(panels.values())


def _order(results, panel) -> list[str]:
    """Methods, best first by the mean over the group with most data sets."""
    leading = max(panel, key=lambda aggregate: len(aggregate.datasets))
    first = list(leading.mean_improvability().index)
    others = {m for aggregate in panel for m in aggregate.errors} - set(first)
    return first + [m for m in results.config["methods"] if m in others]


def _columns(panel) -> int:
    return sum(len(aggregate.datasets) + 1 for aggregate in panel)


def _width(panel) -> float:
    return _columns(panel) + GAP * (len(panel) - 1)


def _cell(ax, at, row, value, norm, bold=False):
    """One cell: its colour and its number; a star for the best."""
    if np.isnan(value):
        ax.add_patch(style.rectangle(at, row, MISSING))
        text, colour = "–", "#555555"
    else:
        ax.add_patch(style.rectangle(at, row, style.colours(COLOURS)(norm(value))))
        text = BEST if value < SHOWN and not bold else f"{100 * value:.0f}"
        colour = "white" if value > DARK else "black"
    weight = "bold" if bold else "normal"
    ax.text(at, row, text, ha="center", va="center", fontsize=6.5, color=colour, weight=weight)


def _panel(ax, results, panel, norm, plotted):
    methods, at, ticks, labels = _order(results, panel), 0.0, [], []
    for aggregate in panel:
        name = f"{aggregate.task} {aggregate.group} {aggregate.metric.name}"
        start, mean = at, aggregate.improvability.mean()
        for dataset in [*aggregate.datasets, None]:
            values = mean if dataset is None else aggregate.improvability.loc[dataset]
            for row, method in enumerate(methods):
                if method in values.index:
                    _cell(ax, at, row, values[method], norm, bold=dataset is None)
                    plotted.add(name, method, dataset or "mean", "improvability", values[method])
            ticks.append(at)
            labels.append("mean" if dataset is None else dataset_label(dataset))
            at += 1
        head = GROUP_LABELS[aggregate.group]
        ax.text((start + at - 1) / 2, -0.75, head, ha="center", va="bottom", fontsize=7)
        at += GAP
    ax.set_xlim(-0.5, at - GAP - 0.5)
    ax.set_ylim(len(methods) - 0.5, -0.5)
    ax.set_xticks(ticks, labels, rotation=90)
    ax.set_yticks(range(len(methods)), [results.label(m) for m in methods])
    style.embolden(results, ax.get_yticklabels(), methods)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    first = panel[0]
    ax.set_title(f"{first.task.capitalize()}, by {first.metric.label}", pad=20, weight="bold")


def build(results, plotted):
    panels = _by_task(aggregates(results))
    if not panels:
        return style.words("Fewer than two methods to compare in this run.")
    heights = [ROW * len(_order(results, panel)) + 1.3 for panel in panels]
    widest = max(_width(panel) for panel in panels)
    # a small run is not wide enough for the title
    widest = max(widest, (NARROWEST - LABELS) / CELL)
    figure = style.new(LABELS + CELL * widest + 0.2, sum(heights) + 0.6)
    grid = figure.add_gridspec(len(panels), 1, height_ratios=heights)
    norm = PowerNorm(0.6, 0.0, 1.0)
    for line, panel in enumerate(panels):
        # cells are of one size in all panels
        share = _width(panel) / widest
        inner = grid[line].subgridspec(1, 2, width_ratios=[share, max(1 - share, 1e-3)])
        _panel(figure.add_subplot(inner[0]), results, panel, norm, plotted)
    figure.suptitle(
        "Improvability in %: the share of a method's error that the best one does not make\n"
        f"{BEST} best of its data set",
        fontsize=9,
    )
    return figure
