"""Tables, figures and answers of explanations, and whether two runs rank alike."""

import numpy as np
import pandas as pd
import pytest

from benchmark import answers, config, figures, metrics, tables
from benchmark.evaluation import importance
from benchmark.evaluation.grades import Explained
from benchmark.evaluation.results import Results
from benchmark.tables import explained
from benchmark.tables.explained import average_ranks, failures
from tools import compare

SETTINGS = config.validate(
    {
        "run": "r",
        "datasets": ["toy", "regression1", "classification1"],
        "methods": ["lasso", "logistic", "mlp", "nimo"],
        "splits": 2,
        "explanations": {"posthoc": {"mlp": ["gradient"]}},
    }
)
TASKS = {"toy": "regression", "regression1": "regression", "classification1": "classification"}
ERRORS = {("lasso", "own"): 0.8, ("mlp", "gradient"): 0.5, ("nimo", "own"): 0.2}


def write(folder, errors=ERRORS):
    """A graded run: every explanation with the same gradient error everywhere."""
    outcomes, graded = [], []
    for dataset, task in TASKS.items():
        for (method, explainer), value in errors.items():
            if method == "lasso" and task == "classification":
                method = "logistic"
            for split in range(2):
                where = {"dataset": dataset, "method": method, "split": split}
                outcomes.append(where | {"explainer": "", "status": "ok"})
                said = {"explainer": explainer, "status": "ok", "seconds": value}
                outcomes.append(where | said)
                grade = {"family": "correctness", "metric": "gradient_error"}
                graded.append(
                    where | grade | {"explainer": explainer, "value": value + split / 100}
                )
                model = {"explainer": "", "metric": "shapley_error", "family": "correctness"}
                graded.append(where | model | {"value": value})
    outcomes = pd.DataFrame(outcomes).assign(error=None)
    outcomes.to_csv(folder / "explained.csv", index=False)
    pd.DataFrame(graded).to_csv(folder / "graded.csv", index=False)
    scores = pd.DataFrame(columns=["dataset", "method", "split", "metric", "value"])
    scores.to_csv(folder / "scores.csv", index=False)
    return Results(SETTINGS, folder=folder)


@pytest.fixture
def graded(tmp_path):
    return write(tmp_path)


def test_a_cell_has_mean_and_spread_and_a_dash_is_no_zero(graded):
    table = tables.make_explained("explained_correctness", graded)
    block = next(b for b in table.blocks if b.title == "toy")
    shown = {row[0]: row[1:] for row in block.rows}
    assert shown["NIMO, built in"][0] == "0.205 ± 0.007"
    assert set(shown["NIMO, built in"][1:]) == {"–"}
    assert len(table.tidy) == 9 and set(table.tidy.n) == {2}


def test_a_config_names_a_method_in_tables_of_explanations_and_in_answers(graded):
    graded.config = graded.config | {"labels": {"nimo": "Mine"}}
    table = tables.make_explained("explained_correctness", graded)
    assert "Mine, built in" in {row[0] for block in table.blocks for row in block.rows}
    assert "Mine, built in 0.205" in answers.local_explanations(graded)[0]


def test_ranks_are_over_the_data_sets_of_a_task(graded):
    metric = next(m for m in metrics.CORRECTNESS if m.name == "gradient_error")
    ranks = average_ranks(graded, graded.explanations(), metric, "regression")
    assert ranks == {("lasso", "own"): 3, ("mlp", "gradient"): 2, ("nimo", "own"): 1}
    assert ("logistic", "own") in average_ranks(
        graded, graded.explanations(), metric, "classification"
    )


def test_an_explanation_that_failed_is_named_once_with_its_reason(tmp_path):
    graded = write(tmp_path)
    rows = graded.explained
    failed = rows.explainer == "gradient"
    rows["status"] = rows.status.where(~failed, "error")
    rows["error"] = np.where(failed, "ValueError: no idea", None)
    (line,) = failures(graded)
    assert line == "MLP, gradient: error in 6 splits, ValueError: no idea"
    assert line in tables.make_explained("explained_fidelity", graded).notes


def test_the_contest_counts_wins_and_names_the_clearest_case(graded):
    text = "\n".join(answers.built_in_or_afterwards(graded))
    assert "beats the best of a network afterwards on 3 of 3 data sets" in text
    assert "NIMO, built in 0.205, MLP, gradient 0.505" in text
    assert "loses" not in text


def test_rank_correlations_by_hand():
    rows = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0], [3.0, 2.0, 1.0], [0.0, 0.0, 0.0]])
    found = importance.correlations(rows)
    assert found[0, 1] == pytest.approx(1) and found[0, 2] == pytest.approx(-1)
    assert np.isnan(found[3]).all() and np.isnan(found[:, 3]).all()


def test_two_runs_that_rank_alike_agree_and_others_do_not(graded, tmp_path):
    metric = next(m for m in metrics.CORRECTNESS if m.name == "gradient_error")
    other = tmp_path / "other"
    other.mkdir()
    same = write(other, {pair: value / 2 for pair, value in ERRORS.items()})
    pairs = graded.explanations()
    assert compare.agreement(graded, same, metric, "regression", pairs) == (pytest.approx(1), 3)
    turned = write(other, {pair: 1 - value for pair, value in ERRORS.items()})
    assert compare.agreement(graded, turned, metric, "regression", pairs)[0] == pytest.approx(-1)
    assert "gradient error" in compare.ranks(graded, same).markdown()
    fewer = write(other, {pair: ERRORS[pair] for pair in list(ERRORS)[:2]})
    with pytest.raises(ValueError, match="only one of the runs has NIMO, built in"):
        compare.ranks(graded, fewer)


def test_the_seconds_are_drawn(graded, tmp_path):
    paths = [tmp_path / f"explained_seconds.{kind}" for kind in ("png", "csv")]
    figures.draw_explained("explained_seconds", Explained(graded), paths)
    drawn = pd.read_csv(paths[1]).set_index("method").value
    assert drawn["NIMO, built in"] == pytest.approx(0.2)


def test_names_of_columns_are_words():
    assert [explained.short(m) for m in metrics.CORRECTNESS][:2] == [
        "gradient error",
        "gradient sign",
    ]
