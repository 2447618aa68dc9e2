"""How far explanations of two fits of the same rows are apart."""

from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from benchmark import ROOT
from benchmark import config as configuration
from benchmark.evaluation.results import Results
from benchmark.fitting import plan
from benchmark.metrics import Sample
from benchmark.metrics.fidelity import refit_instability
from tools import compare

RNG = np.random.default_rng(0)
HERE = RNG.normal(size=(40, 3))


def test_change_by_hand():
    a = np.array([[3.0, 0.0]])
    assert refit_instability(a, a) == 0
    assert refit_instability(a, -a) == pytest.approx(np.sqrt(2))
    assert refit_instability(a, np.array([[0.0, 3.0]])) == pytest.approx(1)
    assert refit_instability(a, 0 * a) == pytest.approx(1)
    assert refit_instability(0 * a, 0 * a) == 0


def run(**changes):
    """A run of three methods on one data set, its answers shifted or turned."""

    def samples(dataset, method, index):
        model = {"response": HERE.sum(axis=1) + changes.get("shift", 0)}
        yield "", Sample(model, None, None)
        if method != "mlp":
            turn = changes.get("turn", 1) if method == "nimo" else 1
            said = {"slope": turn * HERE, "part": HERE + changes.get("shift", 0)}
            yield "own", Sample(said, None, None)

    where = [("toy", method, index) for method in ("lasso", "nimo", "mlp") for index in range(2)]
    config = {"datasets": ["toy"], "methods": ["lasso", "nimo", "mlp"]}
    return SimpleNamespace(
        config=config,
        samples=samples,
        splits=lambda: iter(where[: changes.get("cells", 6)]),
        results=Results(configuration.validate({"run": "r"} | config)),
    )


def test_only_what_changes_is_listed_and_constants_do_not_count():
    block = compare.refits(run(), run(turn=-1, shift=5))
    assert block.rows == [["NIMO, built in", "0.000", "1.414", "0.000"]]


def test_common_cells_are_compared():
    found = compare.changes(run(), run(cells=3))
    assert {pair: len(said["slope"]) for pair, said in found.items()} == {
        ("lasso", "own"): 2,
        ("nimo", "own"): 1,
    }


def test_the_configs_of_the_project_are_two_fits_of_the_same_rows():
    read = [
        configuration.read(ROOT / f"config/{name}.yaml")
        for name in ("explanations", "explanations_refit")
    ]
    differ = {key for key in read[0] if read[0][key] != read[1][key]}
    assert differ == {"run", "refit", "splits", "datasets"}
    assert set(read[1]["datasets"]) <= set(read[0]["datasets"])
    seeds = [plan.Cell(c | {"run": "r"}, "toy", "lasso").seed(0) for c in read]
    assert seeds[0] != seeds[1]


def test_other_differences_are_refused(tmp_path):
    settings = yaml.safe_load((ROOT / "config/explanations_refit.yaml").read_text())
    for name, changes in (("a", {}), ("b", {"run": "b"}), ("c", {"refit": 2, "tuning": 2})):
        (tmp_path / name).write_text(yaml.safe_dump(settings | changes))
    with pytest.raises(SystemExit, match='nor have they two seeds: both have "refit": 1'):
        compare.main([str(tmp_path / "a"), str(tmp_path / "b")])
    with pytest.raises(SystemExit, match="they differ in tuning"):
        compare.main([str(tmp_path / "a"), str(tmp_path / "c")])
