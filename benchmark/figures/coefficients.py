"""Counterparts of the paper's Fig. 4 (regression) and Fig. 8 (classification): coefficients.

Every method is on one scale.  In Fig. 4 that is the scale of the features as given; in Fig. 8 each
fit is divided by its largest absolute coefficient, since a logit's scale depends on shrinkage.
"""

from __future__ import annotations

import numpy as np

from benchmark.figures import bars, quantities, style
from benchmark.tables.cells import dataset_label

REGRESSION = ("regression1", "regression2", "regression3")
CLASSIFICATION = ("classification1", "classification2", "classification3")


def _title(results, dataset, text):
    methods = quantities.methods_of(results, dataset)
    return style.panel_title(
        f"{dataset_label(dataset).capitalize()}: {text}",
        style.shortfall(results, dataset, methods),
    )


def _notes(results, datasets, series):
    """Words about methods whose coefficients are means of local ones."""
    local = [
        results.label(m)
        for m in results.config["methods"]
        if any(m in series[d] and results.is_local(d, m) for d in datasets)
    ]
    return f"{', '.join(local)}: mean of local coefficients over the test rows" if local else ""


def _rows(results, datasets, names, series, truth, plotted, figure, grid, first_row, ylabel):
    """A row per data set: bars of the truly non-zero coefficients, the strip of the zero ones."""
    images, strips, shared = [], [], None
    for row, dataset in enumerate(datasets, start=first_row):
        zero = truth[dataset] == 0
        zero[0] &= names[dataset][0] != "b₀"
        left = figure.add_subplot(grid[row, 0], sharey=shared)
        shared = shared or left
        bars.grouped(
            left,
            results,
            [n for n, z in zip(names[dataset], zero, strict=True) if not z],
            {m: v[:, ~zero] for m, v in series[dataset].items()},
            truth[dataset][~zero],
            plotted,
            dataset,
        )
        left.set_ylabel(ylabel)
        left.set_title(_title(results, dataset, "non-zero in truth"))
        right = figure.add_subplot(grid[row, 1])
        some = {m: v[:, zero] for m, v in series[dataset].items()}
        if not (some and zero.any()):
            style.say(right, "no coefficients to show")
            continue
        zero_names = [n for n, z in zip(names[dataset], zero, strict=True) if z]
        images.append(bars.strip(right, results, zero_names, some, plotted, f"{dataset}, zero"))
        strips.append(right)
        count = f"{zero.sum()} feature{'s' if zero.sum() > 1 else ''}"
        right.set_title(f"zero in truth ({count}); right: share exactly 0")
    if images:
        largest = max(float(image.get_array().filled(0).max()) for image in images) or 1.0
        for image in images:
            image.set_clim(0, largest)
        figure.colorbar(
            images[-1], ax=strips, label=f"mean |{ylabel}|, white: 0", pad=0.02, aspect=35
        )


def build(results, plotted, task):
    """The figure of one task."""
    return {"regression": _regression, "classification": _classification}[task](results, plotted)


def _regression(results, plotted):
    vanilla = [d for d in ("vanilla",) if d in results.datasets()]
    settings = [d for d in REGRESSION if d in results.datasets()]
    shown = vanilla + settings
    series = {d: quantities.coefficients(results, d) for d in shown}
    names = {d: quantities.feature_names(results, d) for d in shown}
    truth = {d: np.array(results.truth(d).coef) for d in shown}
    figure = style.new(10, 0.9 + 2.1 * len(shown))
    grid = figure.add_gridspec(len(shown), 2, width_ratios=[1, 1.15])
    if vanilla:
        ax = figure.add_subplot(grid[0, :])
        bars.grouped(
            ax, results, names["vanilla"], series["vanilla"], truth["vanilla"], plotted, "vanilla"
        )
        ax.set_ylabel("coefficient")
        ax.set_title(_title(results, "vanilla", "all coefficients"))
    _rows(
        results, settings, names, series, truth, plotted, figure, grid, len(vanilla), "coefficient"
    )
    figure.suptitle(
        style.panel_title(
            "Coefficients on the scale of the features, mean ± sd over splits",
            _notes(results, shown, series),
        ),
        fontsize=9,
    )
    style.legend(figure, results, {m for s in series.values() for m in s}, truth=True)
    return figure


def _classification(results, plotted):
    shown = [d for d in CLASSIFICATION if d in results.datasets()]
    series = {d: quantities.scaled_with_intercept(results, d) for d in shown}
    names = {d: ["b₀", *quantities.feature_names(results, d)] for d in shown}
    truth = {}
    for dataset in shown:
        true = results.truth(dataset)
        truth[dataset] = quantities.scale(np.array([[true.intercept, *true.coef]]))[0]
    figure = style.new(10, 0.9 + 2.1 * len(shown))
    grid = figure.add_gridspec(len(shown), 2, width_ratios=[1, 1.15])
    _rows(results, shown, names, series, truth, plotted, figure, grid, 0, "normalised coefficient")
    figure.suptitle(
        style.panel_title(
            "Intercept b₀ and coefficients, each fit divided by its largest absolute coefficient; "
            "mean ± sd over splits",
            _notes(results, shown, series),
        ),
        fontsize=9,
    )
    style.legend(figure, results, {m for s in series.values() for m in s}, truth=True)
    return figure
