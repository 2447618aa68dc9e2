"""Which methods depend on the processor, by what was measured, and what ``make verify`` allows."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from benchmark import tables
from benchmark.evaluation import processors
from benchmark.evaluation.published import read as published
from tools import verify

#: what a second machine was seen to find
ELSEWHERE = [("regression2", 6, 7.99), ("toy", 6, 0.614)]
SPARSE = "contextual_lasso_sparse"


@pytest.fixture(scope="module")
def snapshot():
    return verify.read(verify.Path("docs/results"))


def allowed(snapshot, dataset, method, split, found):
    chosen = (snapshot.dataset == dataset) & (snapshot.method == method)
    row = next(snapshot[chosen & (snapshot.split == split)].itertuples())
    limit, _ = verify.allowed(row, snapshot, verify.TOLERANCE)
    return verify.distance(row.metric, row.value, found) <= limit


def test_what_was_measured_is_of_this_snapshot(snapshot):
    measured = processors.read()
    known = measured.merge(snapshot, on=["dataset", "method", "split", "metric"])
    assert len(known) == len(measured) >= 39
    np.testing.assert_allclose(known.value_x, known.value_y, rtol=1e-12)


def test_methods_are_told_apart_by_far_more_than_the_limit():
    shares = list(processors.largest().values())
    assert any(share > processors.MOVED for share in shares)
    # the limit decides nothing: no method lies near it
    assert not any(1e-6 < share < 5e-3 for share in shares)
    assert processors.depends(SPARSE, "mse") and not processors.depends("lasso", "mse")
    assert not processors.depends("never_measured", "mse")


@pytest.mark.parametrize("dataset, split, found", ELSEWHERE)
def test_what_a_second_machine_found_agrees(snapshot, dataset, split, found):
    assert allowed(snapshot, dataset, SPARSE, split, found)


def test_a_wrong_value_differs_also_of_a_method_that_depends_on_the_processor(snapshot):
    for dataset, split, _ in ELSEWHERE:
        recorded = snapshot[(snapshot.dataset == dataset) & (snapshot.method == SPARSE)]
        value = recorded[recorded.split == split].value.item()
        assert not allowed(snapshot, dataset, SPARSE, split, 3 * value)
        assert not allowed(snapshot, dataset, SPARSE, split, value / 3)


@pytest.mark.parametrize("method", ["lasso", "mlp", "nimo"])
def test_other_methods_are_held_to_the_tolerance(snapshot, method):
    chosen = (snapshot.dataset == "toy") & (snapshot.method == method) & (snapshot.split == 0)
    value = snapshot[chosen].value.item()
    assert allowed(snapshot, "toy", method, 0, 1.04 * value)
    assert not allowed(snapshot, "toy", method, 0, 1.06 * value)


def test_a_cell_of_few_splits_has_no_spread_to_be_held_against():
    table = pd.DataFrame(
        {"dataset": "toy", "method": SPARSE, "split": range(3), "value": [1, 2, 9]}
    )
    row = SimpleNamespace(dataset="toy", method=SPARSE, split=0, metric="mse", value=1.0)
    assert verify.allowed(row, table, 0.05)[0] == pytest.approx(math.log(1.05))


def test_tables_mark_such_cells_and_no_other(make_run):
    scores = {"toy": {SPARSE: [1.0, 2.0], "mlp": [1.0, 2.0]}}
    scores["classification1"] = {SPARSE: [0.7, 0.8], "mlp": [0.7, 0.8]}
    results = make_run(scores)
    table = tables.make("regression", results, published())
    row = dict(zip(table.blocks[0].header, table.blocks[0].rows[0], strict=True))
    assert row["Contextual Lasso (no intercept)"] == "1.50 ± 0.71 (2/2) ≈"
    assert row["MLP"] == "1.50 ± 0.71 (2/2)"
    assert sum(note.startswith("≈ depends on the processor") for note in table.notes) == 1
    assert r"$\approx$" in table.latex()
    # in classification one label of a hundred moved
    table = tables.make("classification", results)
    row = dict(zip(table.blocks[0].header, table.blocks[0].rows[0], strict=True))
    assert row["Contextual Lasso (no intercept)"].endswith("(2/2) ≈")
    assert row["MLP"].endswith("(2/2)")
