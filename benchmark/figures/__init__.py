"""Figures: the counterparts of the paper's, each as PDF and PNG, with the numbers drawn as CSV.

To add one, write its module and put it into the list below.
"""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import baselines
from benchmark import datasets, storage

#: with fewer data sets of a task and group neither ranks nor properties of data sets say anything
TABLES = 5


@dataclass(frozen=True)
class Declared:
    """A figure: its module in this folder, and the runs that it is made for.

    Parameters
    ----------
    module : str
        Nothing is imported here, since matplotlib takes a second to load.
    told : dict
        What its function ``build`` is told beside (results, plotted).
    datasets : tuple of str
        Made for a run with one of these; () for any.
    methods, tables : int
        Made for a run with as many methods of one task, and data sets of one task and group.
    most : int or None
        Made for a run of at most so many data sets: with more nobody would look at it.
    without : str
        Made for a run with a method that is not in this family.
    """

    module: str
    told: dict[str, str] = field(default_factory=dict)
    datasets: tuple[str, ...] = ()
    methods: int = 1
    tables: int = 1
    most: int | None = None
    without: str = ""


_SETTINGS = {
    task: tuple(f"{task}{number}" for number in (1, 2, 3))
    for task in ("regression", "classification")
}
#: every figure of a run
FIGURES = {
    # a panel per data set; who_wins has a row for it
    "benchmark_mse": Declared("overview", most=20),
    "toy": Declared("toy", datasets=("toy",)),
    "coefficients": Declared(
        "coefficients", {"task": "regression"}, ("vanilla", *_SETTINGS["regression"])
    ),
    "diabetes": Declared("real_dataset", {"dataset": "diabetes"}, ("diabetes",)),
    "boston": Declared("real_dataset", {"dataset": "boston"}, ("boston",)),
    "first_layer_regression": Declared(
        "first_layer", {"task": "regression"}, _SETTINGS["regression"]
    ),
    "first_layer_classification": Declared(
        "first_layer", {"task": "classification"}, _SETTINGS["classification"]
    ),
    "coefficients_classification": Declared(
        "coefficients", {"task": "classification"}, _SETTINGS["classification"]
    ),
    "who_wins": Declared("who_wins", methods=2),
    "accuracy_cost": Declared("accuracy_cost", {"cost": "seconds"}, methods=2),
    "reading_size": Declared(
        "accuracy_cost", {"cost": "reading_size"}, methods=2, without="black_box"
    ),
    "what_wins": Declared("what_wins", methods=2, tables=TABLES),
    "critical_difference": Declared("critical_difference", methods=2, tables=TABLES),
}

#: figures of a run that explains, each a module with ``build(explained, plotted)``
EXPLANATION_FIGURES = (
    "explained_slopes",
    "explained_row",
    "explained_rankings",
    "explained_seconds",
)


def figures_of(config) -> list[str]:
    """The figures that a run of a validated configuration has: none that could only say so."""
    chosen = datasets.of_run(config)
    methods = [baselines.load(name) for name in config["methods"]]
    tables = Counter((one.task, one.group) for one in chosen.values())
    found = []
    for name, figure in FIGURES.items():
        if figure.datasets and not set(figure.datasets) & set(chosen):
            continue
        if figure.most is not None and len(chosen) > figure.most:
            continue
        for (task, _), count in tables.items():
            able = [method for method in methods if task in method.tasks]
            told = not figure.without or any(one.family != figure.without for one in able)
            if count >= figure.tables and len(able) >= figure.methods and told:
                found.append(name)
                break
    return found


def build(name: str, results, plotted):
    """A figure, not yet written.

    Parameters
    ----------
    name : key of :data:`FIGURES`
    results : benchmark.evaluation.results.Results
    plotted : benchmark.figures.plotted.Plotted, is told every number that is drawn
    """
    one = FIGURES[name]
    module = importlib.import_module(f"benchmark.figures.{one.module}")
    return module.build(results, plotted, **one.told)


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
