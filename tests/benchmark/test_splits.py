"""Splits: sizes, scaling, truth, and the same bytes from the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from benchmark import config, datasets, storage
from benchmark.datasets import splits

SETTINGS = config.validate(
    {
        "run": "r",
        "datasets": list(datasets.declared()),
        "methods": ["lasso", "logistic"],
        "rows": {"train": 50, "val": 20, "test": 30},
    }
)
SYNTHETIC = [name for name, d in datasets.declared().items() if d.group == "synthetic"]


def write(name, index, folder):
    """Both files' contents."""
    paths = folder / "rows.npz", folder / "truth.npz"
    splits.write(splits.make(name, index, SETTINGS), *paths)
    return [path.read_bytes() for path in paths]


# What is to be downloaded is tested beside its loader.
HERE = [name for name, one in datasets.declared().items() if not getattr(one, "downloaded", False)]


@pytest.mark.parametrize("name", HERE)
def test_same_seed_same_bytes_other_split_other_rows(name, tmp_path):
    first = write(name, 0, tmp_path)
    assert write(name, 0, tmp_path) == first
    assert write(name, 1, tmp_path)[0] != first[0]


@pytest.mark.parametrize("name", HERE)
def test_round_trip_and_what_methods_see(name, tmp_path):
    made = splits.make(name, 0, SETTINGS)
    write(name, 0, tmp_path)
    back = splits.read(tmp_path / "rows.npz")
    assert back.feature_names == made.feature_names and back.task == made.task
    assert back.notes == made.notes
    for key, values in made.arrays.items():
        np.testing.assert_array_equal(back.arrays[key], values)
    matrix = {"X_train", "y_train", "X_val", "y_val", "X_test"}
    assert set(back.shown_to_methods()) == matrix | set(made.frame)
    for key, values in made.frame.items():
        assert back.frame[key].dtype == values.dtype
        np.testing.assert_array_equal(back.frame[key], values)
    assert back.truth == datasets.Truth()  # it lies elsewhere
    truth = splits.read_truth(tmp_path / "truth.npz")
    for key, value in vars(made.truth).items():
        np.testing.assert_array_equal(getattr(truth, key), value)


@pytest.mark.parametrize("name", SYNTHETIC)
def test_synthetic_splits_are_drawn_and_never_rescaled(name):
    made = splits.make(name, 3, SETTINGS)
    assert [len(made.arrays[f"y_{p}"]) for p in datasets.PARTS] == [50, 20, 30]
    X = np.concatenate([made.arrays[f"X_{p}"] for p in datasets.PARTS])
    assert np.abs(X).max() <= 2 and np.abs(X).max() > 1.9
    assert made.truth.coef.shape == made.truth.interacting.shape == (X.shape[1],)
    assert made.truth.f_test.shape == (30,)
    if made.task == "classification":
        assert 0.5 < made.truth.bayes_accuracy <= 1
        assert set(np.unique(made.arrays["y_train"])) <= {0, 1}
    else:
        noise = made.arrays["y_test"] - made.truth.f_test
        assert 0.05 < noise.std() < 0.2


@pytest.mark.parametrize("name, rows", [("diabetes", 442), ("boston", 506)])
def test_real_splits_use_every_row_once_and_training_moments(name, rows):
    made = splits.make(name, 2, SETTINGS).arrays
    sizes = [len(made[f"y_{p}"]) for p in datasets.PARTS]
    assert sum(sizes) == rows and sizes[0] == round(0.6 * rows)
    np.testing.assert_allclose(made["X_train"].mean(0), 0, atol=1e-10)
    np.testing.assert_allclose(made["X_train"].std(0), 1, atol=1e-10)
    assert abs(made["y_train"].mean()) < 1e-10 and abs(made["y_train"].std() - 1) < 1e-10
    # test rows have moments of their own: nothing of them went into the scaling
    assert np.abs(made["X_test"].mean(0)).max() > 1e-3
    everything = np.concatenate([made[f"X_{p}"] for p in datasets.PARTS])
    assert len(np.unique(everything.round(9), axis=0)) == rows


def test_classes_of_a_users_table_are_in_every_part(tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"{x:.6f},{int(i % 5 == 0)}" for i, x in enumerate(rng.normal(size=100))]
    (tmp_path / "x.csv").write_text("\n".join(["a,y", *rows]) + "\n")
    spec = {"path": str(tmp_path / "x.csv"), "target": "y", "task": "classification"}
    settings = config.validate(
        {"run": "r", "datasets": [], "csv": {"mine": spec}, "methods": ["logistic"]}
    )
    for index in range(5):
        made = splits.make("mine", index, settings).arrays
        shares = [made[f"y_{p}"].mean() for p in datasets.PARTS]
        np.testing.assert_allclose(shares, 0.2, atol=0.051)


def test_splits_of_other_settings_and_altered_ones_are_found_without_making_any(
    tmp_path, monkeypatch
):
    made = [splits.make("toy", index, SETTINGS) for index in range(2)]
    splits.write_all(made, SETTINGS, tmp_path)
    monkeypatch.setattr(splits, "make", None)
    assert splits.problems("toy", SETTINGS, range(2), tmp_path) == []
    for other in ({"seed": 1}, {"rows": SETTINGS["rows"] | {"test": 31}}, {"sample": 7}):
        found = splits.problems("toy", SETTINGS | other, range(2), tmp_path)
        assert len(found) == 2 and all("made with other settings" in line for line in found)
    (tmp_path / splits.truth_path_of("r", "toy", 1)).write_bytes(b"another")
    (found,) = splits.problems("toy", SETTINGS, range(2), tmp_path)
    assert "truth1.npz: truncated, altered" in found
    assert splits.problems("toy", SETTINGS, range(2), tmp_path, truths=False) == []


def test_what_methods_are_shown_is_noted_when_a_split_is_made(tmp_path):
    split = splits.make("toy", 0, SETTINGS)
    splits.write_all([split], SETTINGS, tmp_path)
    (noted,) = splits.shown("r", "toy", tmp_path).values()
    assert noted == splits.shown_sha256(split)
    labels = split.arrays | {"y_test": split.arrays["y_test"] + 1}
    assert noted == splits.shown_sha256(replace(split, arrays=labels))
    rows = split.arrays | {"X_test": split.arrays["X_test"] + 1}
    assert noted != splits.shown_sha256(replace(split, arrays=rows))
    with pytest.raises(storage.DamagedFile, match="does not say what methods are shown"):
        splits.shown("r", "boston", tmp_path)


def test_manifest_says_what_was_done(tmp_path):
    path = tmp_path / "split0.npz"
    splits.write(splits.make("diabetes", 0, SETTINGS), path, tmp_path / "truth0.npz")
    (row,) = splits.table([path]).to_dict("records")
    assert (row["dataset"], row["n_train"], row["n_test"], row["n_features"]) == (
        "diabetes",
        265,
        89,
        10,
    )
    assert row["sha256"] == storage.sha256_file(path)
    assert row["notes"] == "features and target standardised with training moments"
