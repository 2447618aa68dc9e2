"""Average ranks over data sets; methods that a bar joins are not told apart (Demsar, JMLR 2006)."""

from __future__ import annotations

import math

from benchmark.evaluation.aggregates import title_of
from benchmark.evaluation.comparisons import rankings
from benchmark.figures import TABLES, style

STEP = 0.42  # height of one method's label
JOIN = 0.16  # height of one bar that joins methods
INCHES = 0.42  # of one unit of height
TOP = 1.1


def groups(average, distance) -> list[tuple[float, float]]:
    """Maximal runs of ranks, sorted ascending, that lie within ``distance``; of two or more."""
    found = []
    for start, low in enumerate(average):
        end = max(i for i, high in enumerate(average) if high - low <= distance)
        if end > start and (not found or average[end] > found[-1][1]):
            found.append((low, average[end]))
    return found


def _joined(ranking) -> list[tuple[float, float]]:
    distance = ranking.critical_difference
    return [] if math.isnan(distance) else groups(ranking.average.to_list(), distance)


def _bottom(ranking) -> tuple[float, float]:
    """Height of the first label and of the lower edge, below the axis of ranks at 0."""
    top = -JOIN * len(_joined(ranking)) - 0.38
    return top, top - STEP * (math.ceil(len(ranking.average) / 2) - 1) - 0.2


def _title(ranking) -> str:
    n = len(ranking.ranks)
    title = f"{title_of(ranking)}: {n} data sets"
    title += f", critical difference CD = {ranking.critical_difference:.2f}"
    if not math.isnan(ranking.friedman_p):
        title += f", Friedman p = {ranking.friedman_p:.2g}"
    return title


def _scale(ax, k, distance):
    """The axis of ranks, and the critical difference above it."""
    ax.hlines(0, 1, k, "black", linewidth=0.9)
    for tick in range(1, k + 1):
        ax.vlines(tick, 0, 0.12, "black", linewidth=0.9)
        ax.text(tick, 0.18, str(tick), ha="center", va="bottom")
    if not math.isnan(distance):
        ax.hlines(0.85, 1, 1 + distance, "black", linewidth=2)
        ax.vlines([1, 1 + distance], 0.76, 0.94, "black", linewidth=1)
        ax.text(1 + distance + 0.06, 0.85, "CD", va="center")


def _panel(ax, results, ranking, plotted):
    k, n = ranking.ranks.shape[1], len(ranking.ranks)
    distance = ranking.critical_difference
    ax.set_axis_off()
    ax.set_title(_title(ranking))
    _scale(ax, k, distance)
    panel = f"{ranking.task} {ranking.group} {ranking.metric}"
    plotted.add(panel, "", "", "critical difference", distance)
    for place, (low, high) in enumerate(_joined(ranking)):
        ax.hlines(-JOIN * (place + 1), low - 0.04, high + 0.04, "#555555", linewidth=2.6)
    top, bottom = _bottom(ranking)
    half = math.ceil(k / 2)
    for place, (method, rank) in enumerate(ranking.average.items()):
        left = place < half
        level = top - STEP * (place if left else k - 1 - place)
        side = 0.75 if left else k + 0.25
        ax.plot([rank, rank, side], [0, level, level], color="#999999", linewidth=0.8, zorder=0)
        ax.plot(
            rank,
            0,
            clip_on=False,
            **style.mark(results, method, 5),
        )
        count = sum(m == method for _, m in ranking.failed)
        label = f"{results.label(method)} ({rank:.2f})"
        label += f" [failed on {count}/{n}]" if count else ""
        ax.text(
            side + (-0.06 if left else 0.06),
            level,
            label,
            va="center",
            ha="right" if left else "left",
            fontweight="bold" if style.look(results, method).bold else "normal",
        )
        plotted.add(panel, method, "", "average rank", rank)
    reach = 0.45 * (k - 1) + 0.5  # room for the labels
    ax.set_xlim(1 - reach, k + reach)
    ax.set_ylim(bottom, TOP)


def build(results, plotted):
    found = rankings(results, results.config["metrics"])
    # the critical difference of a few data sets is as wide as the whole axis
    found = [ranking for ranking in found if len(ranking.ranks) >= TABLES]
    if not found:
        return style.words("Too few methods or data sets to rank in this run.")
    heights = [INCHES * (TOP - _bottom(ranking)[1]) + 0.3 for ranking in found]
    figure = style.new(8, sum(heights) + 0.3)
    axes = figure.subplots(len(found), squeeze=False, height_ratios=heights)[:, 0]
    for ax, ranking in zip(axes, found, strict=True):
        _panel(ax, results, ranking, plotted)
    figure.supxlabel(
        "average rank, 1 is best; a bar joins methods closer than the critical difference",
        fontsize=8,
    )
    return figure
