"""Records: what is written comes back, and what was altered does not."""

import json

import jsonschema
import numpy as np
import pytest

from benchmark import storage
from benchmark.fitting import records

RESULT = {
    "dataset": "toy",
    "task": "regression",
    "split": 0,
    "method": "lasso",
    "seed": 1,
    "status": "ok",
    "error": None,
    "params": {},
    "info": {},
    "implementation": "",
    "coef_is_local": False,
    "n_features": 3,
    "key": "k",
    "code_sha256": "c",
    "data_sha256": "d",
    "versions": {},
}
RUN = {
    "fit_seconds": 1.0,
    "chosen_fit_seconds": 1.0,
    "predict_seconds": 0.1,
    "peak_memory_mb": 100.0,
    "log": "log",
    "commit": "abc",
    "dirty": False,
    "config_sha256": "f",
}


def write(folder, **changes):
    path = folder / "split0.json"
    records.write(path, RESULT | changes, RUN, {"prediction": np.zeros(4)})
    return path


def test_round_trip(tmp_path):
    path = write(tmp_path)
    record = records.read(path)
    assert record["run"] == RUN
    assert {k: record["result"][k] for k in RESULT} == RESULT
    assert records.read_arrays(path, record)["prediction"].shape == (4,)


def test_same_result_same_bytes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert write(tmp_path / "a").read_bytes() == write(tmp_path / "b").read_bytes()


@pytest.mark.parametrize("part, key", [("result", "n_features"), ("run", "fit_seconds")])
def test_every_hand_edit_is_noticed(tmp_path, part, key):
    path = write(tmp_path)
    document = json.loads(path.read_text())
    document[part][key] = None
    path.write_text(json.dumps(document))
    with pytest.raises(storage.DamagedFile, match="altered since it was written"):
        records.read(path)


@pytest.mark.parametrize("keep", [0, 1, 100, -2])
def test_every_truncation_is_noticed(tmp_path, keep):
    path = write(tmp_path)
    path.write_text(path.read_text()[:keep])
    with pytest.raises(storage.DamagedFile, match="truncated or not JSON"):
        records.read(path)


@pytest.mark.parametrize("change", [{"status": "fine"}, {"task": "ranking"}, {"surplus": 1}])
def test_a_record_against_the_schema_is_never_written(tmp_path, change):
    with pytest.raises(jsonschema.ValidationError):
        write(tmp_path, **change)
    assert not (tmp_path / "split0.json").exists()


def test_nan_is_never_written(tmp_path):
    with pytest.raises(ValueError):
        write(tmp_path, params={"alpha": float("nan")})
    assert not (tmp_path / "split0.json").exists()
