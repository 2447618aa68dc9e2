"""Figures: the counterparts of the paper's, each as PDF and PNG, with the numbers drawn as CSV."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmark import storage
from benchmark.figures import (
    coefficients,
    critical_difference,
    first_layer,
    overview,
    real,
    style,
    toy,
)
from benchmark.figures.plotted import Plotted

#: name of a figure: callable (results, plotted) -> matplotlib Figure
FIGURES = {
    "benchmark_mse": overview.build,
    "toy": toy.build,
    "coefficients": coefficients.build_regression,
    "diabetes": partial(real.build, dataset="diabetes"),
    "boston": partial(real.build, dataset="boston"),
    "first_layer_regression": partial(
        first_layer.build, datasets=coefficients.REGRESSION, task="regression"
    ),
    "first_layer_classification": partial(
        first_layer.build, datasets=coefficients.CLASSIFICATION, task="classification"
    ),
    "coefficients_classification": coefficients.build_classification,
    "critical_difference": critical_difference.build,
}


def draw(name: str, results, outputs):
    """Draw one figure.

    Parameters
    ----------
    name : key of :data:`FIGURES`
    results : benchmark.evaluation.results.Results
    outputs : paths
        Each is written by its suffix: .pdf, .png, .csv (the numbers drawn).

    A data set or method that the run does not have leaves its panel out, or says so in words.
    """
    with style.context():
        plotted = Plotted()
        figure = FIGURES[name](results, plotted)
        style.freeze(figure)
        for path in outputs:
            if Path(path).suffix == ".csv":
                storage.write_text(path, plotted.text())
            else:
                style.save(figure, path)
