"""Average ranks over data sets; methods that a bar joins are not told apart (Demsar, JMLR 2006)."""

from __future__ import annotations

import math

from benchmark.figures import style
from benchmark.statistics import rankings

TITLES = {
    "regression": "Regression, by test MSE",
    "classification": "Classification, by test accuracy",
    "all": "Both tasks, methods that do both",
}
STEP = 0.42  # height of one method's label


def groups(average, distance) -> list[tuple[float, float]]:
    """Maximal runs of ranks, sorted ascending, that lie within ``distance``; of two or more."""
    found = []
    for start, low in enumerate(average):
        end = max(i for i, high in enumerate(average) if high - low <= distance)
        if end > start and (not found or average[end] > found[-1][1]):
            found.append((low, average[end]))
    return found


def _panel(ax, results, ranking, plotted):
    k = len(ranking.average)
    ranks = ranking.average.to_list()
    distance = ranking.critical_difference
    joined = [] if math.isnan(distance) else groups(ranks, distance)
    ax.set_axis_off()
    ax.hlines(0, 1, k, "black", linewidth=0.9)
    for tick in range(1, k + 1):
        ax.vlines(tick, 0, 0.12, "black", linewidth=0.9)
        ax.text(tick, 0.2, str(tick), ha="center", va="bottom")
    if math.isnan(distance):
        words = "critical difference not defined (one data set)"
    else:
        words = f"critical difference {distance:.2f}"
        ax.hlines(0.95, 1, 1 + distance, "black", linewidth=2)
        for end in (1, 1 + distance):
            ax.vlines(end, 0.85, 1.05, "black", linewidth=1)
        plotted.add(ranking.group, "", "", "critical difference", distance)
    n = len(ranking.ranks)
    title = f"{TITLES[ranking.group]}: {n} data set{'s' if n > 1 else ''}, {words}"
    if not math.isnan(ranking.friedman_p):
        title += f", Friedman p = {ranking.friedman_p:.2g}"
    ax.set_title(title)
    for place, (low, high) in enumerate(joined):
        y = -0.16 - 0.16 * place
        ax.hlines(y, low - 0.04, high + 0.04, "#555555", linewidth=2.6)
    top = -0.16 * len(joined) - 0.38
    failed = {m for _, m in ranking.failed}
    half = math.ceil(k / 2)
    for place, (method, rank) in enumerate(ranking.average.items()):
        left = place < half
        level = top - STEP * (place if left else k - 1 - place)
        side = 0.75 if left else k + 0.25
        ax.plot([rank, rank, side], [0, level, level], color="#999999", linewidth=0.8, zorder=0)
        ax.plot(
            rank,
            0,
            style.marker(results, method),
            color=style.colour(results, method),
            markersize=5,
            clip_on=False,
        )
        count = sum(m == method for _, m in ranking.failed)
        note = f" [failed on {count}/{n}]" if method in failed else ""
        label = f"{results.label(method)} ({rank:.2f}){note}"
        ax.text(
            side + (-0.06 if left else 0.06),
            level,
            label,
            va="center",
            ha="right" if left else "left",
        )
        plotted.add(ranking.group, method, "", "average rank", rank)
    reach = 0.42 * (k - 1) + 0.5
    ax.set_xlim(1 - reach, k + reach)
    ax.set_ylim(top - STEP * (half - 1) - 0.2, 1.15)


def build(results, plotted):
    found = rankings(results)
    if not found:
        return style.words("Fewer than two methods to rank in this run.")
    heights = [1.6 + 0.22 * len(r.average) for r in found]
    figure = style.new(8, sum(heights))
    axes = figure.subplots(len(found), squeeze=False, height_ratios=heights)[:, 0]
    for ax, ranking in zip(axes, found, strict=True):
        _panel(ax, results, ranking, plotted)
    figure.supxlabel(
        "average rank (1 is best); methods that a bar joins are closer than the critical difference",
        fontsize=8,
    )
    return figure
