"""Tools around a run that can be tested without one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from benchmark import config, storage
from tools import compare, snapshot


@pytest.fixture
def runs(tmp_path):
    """Two folders of results that have the same numbers where both have any."""
    old, new = tmp_path / "old", tmp_path / "new"
    arrays = {"prediction": np.arange(4.0), "selected_features": np.array([True, False])}
    arrays["local_coef"] = np.array([1.0, np.nan])  # a category has none
    for folder, more in ((old, {"gone": np.zeros(1)}), (new, {"coef": np.ones(2)})):
        storage.write_arrays(folder / "records/toy/lasso/split0.npz", arrays | more)
    row = {"dataset": "toy", "method": "lasso", "split": 0, "metric": "mse", "value": 0.5}
    r2 = row | {"metric": "r2", "value": 0.9}
    for folder, more in ((old, {"split": 1}), (new, {"metric": "other"})):
        pd.DataFrame([row, r2, row | more]).to_csv(folder / "scores.csv", index=False)
    return old, new


def test_what_both_runs_have_is_compared(runs):
    said, wrong = compare.numbers(*runs)
    assert wrong == []
    assert said == [
        "3 arrays of 1 fits (0 fits in the first alone, 0 in the second)",
        "2 scores (1 in the first alone, 1 in the second)",
    ]


def test_a_changed_array_and_a_changed_score_are_named(runs):
    old, new = runs
    path = new / "records/toy/lasso/split0.npz"
    changed = {"prediction": np.arange(4.0) + 1e-9, "local_coef": np.array([np.nan, 1.0])}
    storage.write_arrays(path, changed)
    table = pd.read_csv(new / "scores.csv")
    table.loc[0, "value"] *= 1.001
    table.to_csv(new / "scores.csv", index=False)
    _, wrong = compare.numbers(old, new)
    arrays = [f"toy/lasso/split0.npz: {name}" for name in ("local_coef", "prediction")]
    assert wrong == [*arrays, "scores: toy lasso 0 mse"]
    assert compare.numbers(old, new, tolerance=0.01)[1] == arrays


def test_the_command_says_by_its_exit_code_whether_they_agree(runs, capsys):
    with pytest.raises(SystemExit) as end:
        compare.main([str(runs[0]), str(runs[1])])
    assert end.value.code is False and "0 differ" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="error: "):
        compare.main([str(runs[0]), str(runs[0] / "nowhere")])


def test_a_snapshot_is_replaced_once_the_new_one_is_whole(tmp_path):
    target = tmp_path / "kept"
    for text in ("old", "new"):
        with snapshot.replacing(target) as made:
            (made / "provenance.json").write_text(text)
    with pytest.raises(KeyError), snapshot.replacing(target) as made:
        (made / "provenance.json").write_text("half")
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (target / "provenance.json").read_text() == "new"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "guide.md").write_text("")
    with (
        pytest.raises(FileExistsError, match="docs holds files that are no snapshot"),
        snapshot.replacing(tmp_path / "docs"),
    ):
        pass


def test_a_snapshot_does_not_name_data_sets_that_the_run_could_not_have():
    """Else what it holds would depend on the machine that reads it."""
    asked = {"run": "r", "methods": ["lasso"], "datasets": ["toy", "superconductivity"]}
    more = {"missing_data": "skip", "splits": 2, "more_splits": {"superconductivity": 3}}
    run = SimpleNamespace(config=config.validate(asked | more), tasks={"toy": "regression"})
    held = config.validate(snapshot.held(run))
    assert (held["datasets"], held["more_splits"]) == (["toy"], {})
    assert held["missing_data"] == "refuse"
