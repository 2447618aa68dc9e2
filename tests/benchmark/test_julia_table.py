"""The Contextual Lasso of a run beside recorded fits of the original."""

import numpy as np
import pandas as pd
import pytest

from baselines import load
from benchmark import config as configuration
from benchmark import datasets
from benchmark.datasets import splits
from benchmark.evaluation.results import ends_of
from benchmark.evaluation.statistics import holm
from benchmark.tables import contextual_lasso_julia as module

METHODS = ("contextual_lasso", "contextual_lasso_sparse")


class Run:
    """What the table reads of a run: Julia's own scores, changed as told.

    Parameters
    ----------
    change : callable (data set, method, scores of Julia) -> scores of this run
    """

    def __init__(self, names, change=lambda dataset, method, scores: scores, **settings):
        self.config = configuration.validate(
            {"run": "r", "datasets": list(names), "methods": [*METHODS, "lasso"]} | settings
        )
        self.tasks = configuration.dataset_tasks(self.config)
        self.change = change
        cells = [(d, m) for d in names for m in self.methods(self.tasks[d])]
        self.fits = pd.DataFrame(
            [
                {"dataset": d, "method": m, "split": i, "status": "ok", "implementation": "port"}
                for d, m in cells
                for i in range(self.config["splits"])
            ]
        )

    def dataset(self, name):
        return datasets.declared()[name]

    def methods(self, task=None):
        return [m for m in self.config["methods"] if task is None or task in load(m).tasks]

    def label(self, method):
        return load(method).label

    def values(self, dataset, method, metric):
        table = module.recorded()
        rows = table[(table.dataset == dataset) & (table.method == method)]
        scores = rows.set_index("split").value[: self.config["splits"]]
        return self.change(dataset, method, scores)

    def split(self, dataset, index):
        return splits.make(dataset, index, self.config)

    def ends(self, dataset, method):
        of_cell = (self.fits.dataset == dataset) & (self.fits.method == method)
        return ends_of(self.fits[of_cell])


def noise(dataset, method, scores):
    """Scores that scatter around Julia's without a direction."""
    rng = np.random.default_rng(len(dataset) + len(method))
    return scores * np.exp(rng.normal(0, 0.05, len(scores)))


def test_the_recorded_fits_are_the_default_grids():
    run = Run(configuration.read("config/paper.yaml")["datasets"])
    table = module.recorded()
    assert len(table) == 200 and not module.other_settings(run)
    for (dataset, index), rows in table.groupby(["dataset", "split"]):
        assert module.same_rows(run, dataset, index, rows), (dataset, index)
    other = Run(["toy", "diabetes"], seed=1)
    for dataset in other.tasks:
        rows = table[(table.dataset == dataset) & (table.split == 0)]
        assert not module.same_rows(other, dataset, 0, rows)


def test_what_differs_is_told_from_what_scatters():
    def worse_on_one_cell(dataset, method, scores):
        factor = 2 if (dataset, method) == ("regression1", METHODS[0]) else 1
        return factor * noise(dataset, method, scores)

    made = module.build(Run(["toy", "regression1", "classification2"], worse_on_one_cell), [])
    verdicts = made.tidy.set_index(["dataset", "method"]).verdict
    assert len(verdicts) == 6 and verdicts.pop(("regression1", METHODS[0])) == "differs"
    assert set(verdicts) == {"agrees"}
    np.testing.assert_allclose(made.tidy.p_holm, holm(made.tidy.p))  # one family: all cells
    row = made.tidy.iloc[2]
    assert row.dataset == "regression1" and row.n == 10
    assert row.estimate == pytest.approx(2, rel=0.1)
    assert row["mean"] == pytest.approx(2 * row.mean_julia, rel=0.1)
    text = made.markdown()
    assert "5 of 6 cells agree." in text
    assert "Implementation of Contextual Lasso: port in all its cells." in text
    assert "The recorded fits: julia 1.10.4, ContextualLasso.jl 81e2b34." in text
    block = next(b for b in made.blocks if b.title == load(METHODS[0]).label)
    assert [row[0] for row in block.rows] == ["toy", "regression 1", "classification 2"]
    assert block.rows[1][-1] == "differs" and block.rows[0][-1] == "✓ agrees"


def test_fewer_splits_and_failed_fits_are_compared_where_both_are():
    run = Run(["toy"], lambda *cell: noise(*cell).drop(1), splits=4)
    run.fits.loc[run.fits.split == 1, "status"] = "error"
    made = module.build(run, [])
    assert set(made.tidy.n) == {3}
    assert any("Not every fit succeeded" in note for note in made.notes)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"seed": 3}, "seed: 3, not 0"),
        ({"reduced": True}, "reduced: True, not False"),
        ({"rows": {"test": 50}}, "rows: {'train': 200, 'val': 100, 'test': 50}, not"),
    ],
)
def test_other_splits_are_said_not_compared(settings, reason):
    run = Run(["toy"], **settings)
    made = module.build(run, [])
    assert made.tidy.empty and not made.blocks
    for text in (made.markdown(), made.latex()):
        assert "No comparison: the recorded fits of Julia are not of these splits" in text
        assert reason in text
    assert module.note(run, []) == []


def test_other_rows_under_the_same_settings_are_noticed(monkeypatch):
    """A data set that was declared anew has other rows, though the settings are the same."""
    run, split = Run(["toy", "regression1"], noise), Run.split

    def changed(self, dataset, index):
        made = split(self, dataset, index)
        if dataset == "toy":
            made.arrays["y_test"] = 1.1 * made.arrays["y_test"]
        return made

    monkeypatch.setattr(Run, "split", changed)
    made = module.build(run, [])
    assert set(made.tidy.dataset) == {"regression1"}
    assert made.notes[-1] == (
        "Not compared (other rows than Julia's, or no fit of this run): "
        "Contextual Lasso on toy, Contextual Lasso (no intercept) on toy."
    )
    only = Run(["toy"], noise)
    made = module.build(only, [])
    assert not made.blocks and "the rows are others" in made.markdown()


def test_a_run_without_the_method_has_no_such_table():
    run = Run(["toy"])
    run.config["methods"] = ["lasso"]
    made = module.build(run, [])
    assert made.markdown().endswith("No data set or method of this run belongs in this table.\n")


def test_other_tables_point_at_it_with_the_count_of_their_cells():
    run = Run(["toy", "regression1"], noise)
    table = module.compare(run)
    cells = [row for row in table.itertuples() if row.dataset == "toy"]
    (sentence,) = module.note(run, cells)
    assert sentence == (
        "The original Contextual Lasso in Julia has fitted the same splits: 2 of 2 cells agree "
        "(table contextual_lasso_julia)."
    )
    assert module.note(run, []) == []


@pytest.mark.parametrize(
    ("made_by", "said"),
    [
        (["torch 2.9", "torch 2.9"], "machine; start weights differ. Both"),
        (["julia 1.10.4", "julia 1.10.4"], "machine; this run is Julia too, with the same seeds"),
        (["julia 1.10.4", "torch 2.9"], "machine; start weights differ where this run used the po"),
    ],
)
def test_start_weights_are_said_to_differ_where_they_do(made_by, said):
    run = Run(["toy"], noise)
    for method, name in zip(METHODS, made_by, strict=True):
        run.fits.loc[run.fits.method == method, "implementation"] = name
    assert said in module.build(run, []).markdown()
    one = run.fits.split == 0
    run.fits.loc[one, "implementation"], run.fits.loc[~one, "implementation"] = made_by
    assert said in module.build(run, []).markdown()


def test_one_split_allows_no_verdict_and_none_is_counted():
    run = Run(["toy"], noise, splits=1)
    made = module.build(run, [])
    assert made.notes[0] == "2 cells without a verdict (too few splits)."
    assert "0 of 2" not in made.markdown()
    (sentence,) = module.note(run, [row for row in made.tidy.itertuples()])
    assert sentence.endswith(
        "same splits: 2 cells without a verdict (too few splits) (table contextual_lasso_julia)."
    )
    mixed = Run(["toy"], lambda d, m, s: noise(d, m, s)[: 1 if m == METHODS[0] else 10])
    assert module.build(mixed, []).notes[0] == (
        "1 of 1 cells agree, 1 cell without a verdict (too few splits)."
    )
