"""Figures: the counterparts of the paper's, each as PDF and PNG, with the numbers drawn as CSV.

To add one, write its module and put it into the list below.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from benchmark import storage

#: every figure of a run: its module in this folder, and what its function ``build`` is told beside
#: (results, plotted).  Nothing is imported here, since matplotlib takes a second to load.
FIGURES = {
    "benchmark_mse": ("overview", {}),
    "toy": ("toy", {}),
    "coefficients": ("coefficients", {"task": "regression"}),
    "diabetes": ("real_dataset", {"dataset": "diabetes"}),
    "boston": ("real_dataset", {"dataset": "boston"}),
    "first_layer_regression": ("first_layer", {"task": "regression"}),
    "first_layer_classification": ("first_layer", {"task": "classification"}),
    "coefficients_classification": ("coefficients", {"task": "classification"}),
    "who_wins": ("who_wins", {}),
    "accuracy_cost": ("accuracy_cost", {}),
    "critical_difference": ("critical_difference", {}),
}

#: figures of a run that explains, each a module with ``build(explained, plotted)``
EXPLANATION_FIGURES = (
    "explained_slopes",
    "explained_row",
    "explained_rankings",
    "explained_seconds",
)


def build(name: str, results, plotted):
    """A figure, not yet written.

    Parameters
    ----------
    name : key of :data:`FIGURES`
    results : benchmark.evaluation.results.Results
    plotted : benchmark.figures.plotted.Plotted, is told every number that is drawn
    """
    module, told = FIGURES[name]
    return importlib.import_module(f"benchmark.figures.{module}").build(results, plotted, **told)


def draw(name: str, results, outputs):
    """Draw one figure.

    Parameters
    ----------
    name, results : as in :func:`build`
    outputs : paths
        Each is written by its suffix: .pdf, .png, .csv (the numbers drawn).

    A data set or method that the run does not have leaves its panel out, or says so in words.
    """
    _write(lambda plotted: build(name, results, plotted), outputs)


def draw_explained(name: str, explained, outputs):
    """Draw one of :data:`EXPLANATION_FIGURES`.

    Parameters
    ----------
    explained : benchmark.evaluation.grades.Explained
    outputs : as in :func:`draw`
    """
    module = importlib.import_module(f"benchmark.figures.{name}")
    _write(lambda plotted: module.build(explained, plotted), outputs)


def _write(build, outputs):
    from benchmark.figures import style
    from benchmark.figures.plotted import Plotted

    with style.context():
        plotted = Plotted()
        figure = build(plotted)
        style.freeze(figure)
        for path in outputs:
            if Path(path).suffix == ".csv":
                storage.write_text(path, plotted.text())
            else:
                style.save(figure, path)
