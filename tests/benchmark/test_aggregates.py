"""What is said over several data sets: leaderboards, who wins where, accuracy against cost."""

import io
import math

import pandas as pd
import pytest
from matplotlib.figure import Figure

from benchmark import figures, tables
from benchmark.evaluation.aggregates import aggregates, configurations_tried, primary_of
from benchmark.evaluation.pareto import front
from benchmark.figures import style
from benchmark.figures.names import place
from benchmark.figures.plotted import Plotted
from benchmark.tables.table import WIDEST, Block

SCORES = {
    "toy": {"lasso": [20.0, 20.0], "mlp": [1.0, 1.0], "nimo": [0.5, 0.5]},
    "diabetes": {"lasso": [0.4, 0.4], "mlp": [0.8, 0.8], "nimo": [0.5, 0.5]},
    "auto": {"lasso": [0.2, 0.2], "mlp": [0.1, 0.1], "nimo": ["error", "timeout"]},
    "carseats": {"lasso": [0.1, 0.1], "mlp": [0.3, 0.3], "nimo": [0.2, "error"]},
    "oj": {"logistic": [0.8, 0.8], "mlp": [0.9, 0.9], "nimo": [0.85, 0.85]},
    "pima": {"logistic": [0.8, 0.8], "mlp": [0.7, 0.7], "nimo": [0.75, 0.75]},
}


@pytest.fixture
def results(make_run):
    return make_run(SCORES)


def board(results):
    table = tables.make("leaderboard", results)
    tidy = pd.read_csv(io.StringIO(table.csv()))
    return table, tidy.set_index(["task", "group", "method"]).sort_index()


def test_improvability_is_averaged_over_the_data_sets_of_one_task_and_group(results):
    _, tidy = board(results)
    assert tidy.loc[("regression", "synthetic", "lasso"), "improvability"] == pytest.approx(0.975)
    real = tidy.loc[("regression", "real")]
    assert real.loc["lasso", "improvability"] == pytest.approx((0 + 0.5) / 2)
    assert real.loc["mlp", "improvability"] == pytest.approx((0.5 + 0) / 2)
    # an accuracy is an error of what is missing to 1
    oj, pima = 1 - 0.1 / 0.2, 0.0
    found = tidy.loc[("classification", "real", "logistic"), "improvability"]
    assert found == pytest.approx((oj + pima) / 2)


def test_a_failure_stays_visible_and_does_not_win(results):
    table, tidy = board(results)
    nimo = tidy.loc[("regression", "real", "nimo")]
    assert nimo.improvability == pytest.approx(0.2)  # of diabetes alone
    assert (nimo.n_datasets_with_value, nimo.n_datasets, nimo.n_ok, nimo.n) == (1, 2, 2, 4)
    order = [row[0] for block in table.blocks for row in block.rows if "real" in block.title]
    assert order[:3] == ["Lasso", "MLP", "NIMO"]  # the mean of one data set does not lead
    shown = next(b for b in table.blocks if b.title.startswith("Regression, real tables"))
    assert "1/2" in shown.rows[2] and "2/4" in shown.rows[2]
    assert shown.title == "Regression, real tables, by test MSE, 2 data sets"


def test_wins_are_counted_and_seconds_are_those_of_successful_fits(results):
    results.fits.loc[results.fits.method == "mlp", "fit_seconds"] = [1.0, 3.0] * 6
    _, tidy = board(results)
    real = tidy.loc[("regression", "real")]
    assert real.best_on.to_dict() == {"lasso": 1, "mlp": 1, "nimo": 0}
    assert real.loc["mlp", "fit_seconds_median"] == 2.0
    assert tidy.loc[("regression", "synthetic", "nimo"), "best_on"] == 1


def test_configurations_come_from_the_records(results, monkeypatch):
    assert configurations_tried(results, ["diabetes"], "lasso") is None
    record = {"info": {"tuning": {"configurations": 6, "chosen": 2}}}
    monkeypatch.setattr(results, "record", lambda *cell: record)
    assert configurations_tried(results, ["diabetes"], "mlp") == 6
    assert configurations_tried(results, ["auto"], "nimo") is None  # not one fit to ask
    table, tidy = board(results)
    assert tidy.loc[("regression", "real", "mlp"), "configurations"] == 6
    for notes in (table.notes, tables.make("real", results).notes):
        (note,) = [n for n in notes if n.startswith("Configurations")]
        assert "MLP" in note and ": 6." in note


def test_the_first_metric_of_the_config_stands_for_a_task(results):
    results.config["metrics"] = ["accuracy", "r2", "mse"]
    found = aggregates(results)
    assert primary_of(found, "classification", "real").metric.name == "accuracy"
    assert primary_of(found, "regression", "real").metric.name == "mse"  # nobody has an R2 here
    assert primary_of(found, "classification", "control") is None


def build(name, results):
    with style.context():
        plotted = Plotted()
        figure = figures.build(name, results, plotted)
        style.freeze(figure)
    return figure, {row[:3] + (row[3],): row[-1] for row in plotted.rows}


def test_who_wins_shows_every_cell_and_the_mean_of_each_group(results):
    figure, drawn = build("who_wins", results)
    first = "regression real mse"
    assert drawn[first, "mlp", "diabetes", "improvability"] == pytest.approx(0.5)
    assert drawn[first, "lasso", "mean", "improvability"] == pytest.approx(0.25)
    assert math.isnan(drawn[first, "nimo", "auto", "improvability"])
    assert len(figure.axes) == 2
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words.count("★") == 4  # one a data set, none for a mean
    assert words.count("–") == 1
    assert {"real tables", "linear controls", "synthetic data"} <= set(words)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["Lasso", "MLP", "NIMO"]


def test_accuracy_against_cost_draws_the_front(results):
    seconds = {"lasso": 0.1, "logistic": 0.1, "mlp": 5.0, "nimo": 1.0}
    results.fits["fit_seconds"] = results.fits.method.map(seconds)
    figure, drawn = build("accuracy_cost", results)
    assert drawn["regression synthetic mse", "nimo", "", "fit seconds, median"] == 1.0
    assert drawn["regression synthetic mse", "nimo", "", "mean improvability"] == 0.0
    synthetic = figure.axes[0]
    assert [t.get_text() for t in synthetic.texts] == ["Lasso", "NIMO"]  # the MLP is not on it
    assert synthetic.get_xscale() == "log"


def test_the_front_is_what_no_other_beats_in_both():
    points = {"a": (1, 5), "b": (2, 3), "c": (3, 3), "d": (2, 6), "e": (9, 1)}
    assert front(points) == ["a", "b", "e"]
    assert front({}) == []


def test_ranks_are_drawn_from_five_data_sets_on(make_run):
    names = ("diabetes", "auto", "hitters", "college", "wage")
    values = {"lasso": [0.3, 0.3], "nimo": [0.2, 0.2]}
    results = make_run({d: values for d in (*names, "oj")} | {"oj": {"nimo": [0.8, 0.8]}})
    assert "critical_difference" in figures.figures_of(results.config)
    _, drawn = build("critical_difference", results)
    assert {panel for panel, *_ in drawn} == {"regression real mse"}
    few = results.config | {"datasets": [*names[:4], "oj"]}
    assert "critical_difference" not in figures.figures_of(few)


# ---------------------------------------------------------------- twenty methods and more


def wide(n_methods, n_datasets):
    header = ["data set", *(f"a method with a name {i}" for i in range(n_methods))]
    rows = [
        [f"data {j}", *(f"{i}.{j} ± 0.1 (5/5)" for i in range(n_methods))]
        for j in range(n_datasets)
    ]
    rows.insert(1, ["paper v1", *(f"p{i}" for i in range(n_methods))])
    return Block("t", header, rows, "method", (1,))


def test_what_is_too_wide_is_turned_and_cut_and_nothing_is_lost():
    block = wide(20, 14)
    pieces = block.pieces()
    assert len(pieces) > 1 and all(piece.width() <= WIDEST for piece in pieces)
    assert all(piece.header[0] == "method" and len(piece.rows) == 20 for piece in pieces)
    assert [h for piece in pieces for h in piece.header[1:]] == [row[0] for row in block.rows]
    assert pieces[0].rows[3][:3] == ["a method with a name 3", "3.0 ± 0.1 (5/5)", "p3"]
    assert "paper v1" in pieces[0].header  # beside the data set that it belongs to


def test_a_published_column_is_not_parted_from_its_data_set():
    for n in range(3, 12):
        rows = [[name, *["1.000 ± 0.100 (5/5)"] * 20] for i in range(n) for name in (f"d{i}", "p")]
        header = ["data set", *(f"m{i}" for i in range(20))]
        below = tuple(range(1, 2 * n, 2))
        for piece in Block("t", header, rows, "method", below).pieces():
            assert piece.header[1::2] == [f"d{int(h[1:])}" for h in piece.header[1::2]]
            assert set(piece.header[2::2]) == {"p"}


def test_what_fits_is_left_as_it_is():
    block = wide(3, 14)
    assert block.pieces() == [block]


MANY = ["lasso", "mlp", "mlp_tuned", "lassonet", "contextual_lasso", "contextual_lasso_sparse"]
MANY += ["nimo", "nimo_paper", "nimo_relaxed", "imn", "lfr_imn", "localglmnet", "nam"]


def test_every_table_of_many_methods_can_be_read(make_run):
    scores = {
        d: {m: [0.1 + 0.01 * i] for i, m in enumerate(MANY)} for d in ("toy", "diabetes", "auto")
    }
    results = make_run(scores)
    for name in tables.TABLES:
        lines = tables.make(name, results).markdown().splitlines()
        assert all(len(line) <= WIDEST for line in lines if line.startswith("|")), name
    differences = tables.make("differences", results)
    (block,) = differences.blocks
    assert block.rows[0][0] == "toy" and block.rows[0].count("best") == 1
    assert block.rows[0][block.header.index("Lasso")] == "best"
    assert len(differences.tidy) == 3 * len(MANY) * (len(MANY) - 1) / 2


def test_a_name_lies_on_no_mark_and_no_other_name():
    figure = Figure(figsize=(4.6, 3.4))
    ax = figure.subplots()
    points = {"first": (1.0, 1.0), "second": (1.15, 1.02), "third": (1.0, 3.0), "far": (9.0, 5.0)}
    ax.plot(*zip(*points.values(), strict=True), "o", markersize=7)
    ax.margins(0.15)
    place(ax, points, list(points.values()))
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    marks = [ax.transData.transform(point) for point in points.values()]
    assert len(boxes) == len(points)
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert not any(box.contains(*mark) for mark in marks)
