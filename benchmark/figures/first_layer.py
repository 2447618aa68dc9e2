"""Counterparts of the paper's Fig. 7 and 9: first-layer weights on settings 1 to 3."""

from __future__ import annotations

from benchmark.figures import heatmap, quantities, style
from benchmark.figures.coefficients import CLASSIFICATION, REGRESSION
from benchmark.tables.cells import dataset_label


def build(results, plotted, task):
    """A row per method with a first layer, a column per data set; one colour scale per row."""
    datasets = {"regression": REGRESSION, "classification": CLASSIFICATION}[task]
    shown = [d for d in datasets if d in results.datasets()]
    have = {d: quantities.with_array(results, d, "first_layer_weights") for d in shown}
    methods = [m for m in results.methods(task) if any(m in have[d] for d in shown)]
    if not methods:
        return style.words(f"No {task} fit of this run has a first layer to show.")
    figure = style.new(2.2 + 2.6 * len(shown), 0.6 + 2.0 * len(methods))
    axes = figure.subplots(len(methods), len(shown), squeeze=False)
    for row, method in zip(axes, methods, strict=True):
        layers = {d: quantities.first_layer(results, d, method) for d in shown if method in have[d]}
        largest = max(float(weights.max()) for _, weights in layers.values()) or 1.0
        image = None
        for ax, dataset in zip(row, shown, strict=True):
            title = f"{results.label(method)}, {dataset_label(dataset)}"
            if dataset not in layers:
                style.say(ax, f"{title}:\nno successful fit with a first layer")
                continue
            index, weights = layers[dataset]
            image = heatmap.first_layer(
                ax,
                weights,
                quantities.feature_names(results, dataset),
                results.truth(dataset, index).interacting,
                largest,
                plotted,
                dataset,
                method,
            )
            short = style.shortfall(results, dataset, [method])
            ax.set_title(style.panel_title(f"{title}, split {index}", short), pad=10)
        figure.colorbar(image, ax=list(row), label=heatmap.BAR_LABEL, pad=0.01)
    style.legend_below(figure, [heatmap.mark_handle()])
    return figure
