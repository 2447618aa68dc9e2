"""The judge's side: verdicts on outcomes, records that are kept, limits, the order of a grid."""

import json
import os
import platform
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

import baselines
from baselines.contract import Method
from benchmark import ROOT, config, lock, metrics, provenance, storage
from benchmark.datasets import splits
from benchmark.fitting import chunk, driver, implementation, judge, plan, processes, records
from benchmark.fitting.key import code_file, executed, grid_of

SETTINGS = config.validate(
    {
        "run": "r",
        "datasets": ["toy", "classification1"],
        "methods": ["lasso", "logistic"],
        "splits": 2,
        "rows": {"train": 30, "val": 10, "test": 12},
    }
)
TOY = splits.make("toy", 0, SETTINGS)
CLASSES = splits.make("classification1", 0, SETTINGS)
OK = {"status": "ok"}


def good(split):
    return {
        "prediction": split.arrays["y_test"] * 1,
        "prediction_val": split.arrays["y_val"] * 1,
    }


def test_perfect_predictions_score_perfectly():
    verdict, arrays = judge.verdict(OK, good(TOY), TOY)
    assert verdict == {"status": "ok", "error": None}
    scores = metrics.scores(metrics.Sample(arrays, TOY, TOY.truth))
    assert scores == {"mse": 0.0, "r2": 1.0, "validation_mse": 0.0}
    scores = metrics.scores(metrics.Sample(good(CLASSES), CLASSES, CLASSES.truth))
    assert scores["accuracy"] == scores["validation_accuracy"] == 1.0


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"prediction": np.zeros(11)}, "predictions have shape (11,), expected (12,)"),
        ({"prediction": np.zeros((12, 1))}, "predictions have shape (12, 1), expected (12,)"),
        ({"prediction": np.full(12, np.nan)}, "12 of 12 predictions are not finite"),
        ({"prediction": np.full(12, np.inf)}, "12 of 12 predictions are not finite"),
        ({"prediction": np.full(12, "a")}, "predictions are of type <U1, expected numbers"),
        (
            {"prediction": np.full(12, 1e200)},
            "predictions are as large as 1e+200: their squares are not finite",
        ),
        ({"prediction_val": np.zeros(3)}, "predictions have shape (3,), expected (10,)"),
        ({"coef": np.zeros(4)}, "coef has shape (4,), expected (3,)"),
        ({"coef": np.array([0, np.nan, 0])}, "coef is not finite"),
        ({"local_coef": np.zeros((3, 12))}, "local_coef has shape (3, 12), expected (12, 3)"),
        (
            {"first_layer_weights": np.zeros((3, 8))},
            "first_layer_weights has shape (3, 8), expected (any, 3)",
        ),
    ],
)
def test_invalid_outcomes_are_errors_with_a_reason(changes, message):
    verdict, arrays = judge.verdict(OK, good(TOY) | changes, TOY)
    assert verdict["status"] == "error" and arrays == {}
    assert verdict["error"] == {"class": "InvalidPrediction", "message": message}


@pytest.mark.parametrize("value", [2, -1, 0.5])
def test_labels_must_be_0_or_1(value):
    changed = good(CLASSES) | {"prediction": np.full(12, value)}
    verdict, _ = judge.verdict(OK, changed, CLASSES)
    assert verdict["error"]["message"] == (
        f"predictions must be class labels 0 or 1, found {np.full(1, value)[0]}"
    )


def test_log_loss_is_that_of_the_true_class():
    p = np.column_stack([np.full(12, 0.25), np.full(12, 0.75)])
    ones = replace(CLASSES, arrays=CLASSES.arrays | {"y_test": np.ones(12, dtype=int)})
    scores = metrics.scores(metrics.Sample(good(ones) | {"probability": p}, ones, ones.truth))
    assert scores["log_loss"] == pytest.approx(-np.log(0.75))


def test_a_metric_that_is_not_defined_is_left_out():
    constant = replace(TOY, arrays=TOY.arrays | {"y_test": np.ones(12)})
    scores = metrics.scores(metrics.Sample(good(constant), constant, TOY.truth))
    assert "r2" not in scores and scores["mse"] == 0.0


def test_grid_is_in_a_fixed_order_and_complete():
    grid = {"b": [1, 2], "a": ["x"]}
    method = Method("m", "M", ("regression",), None, "", grid=grid, smoke={"a": [3]})
    assert grid_of(method, False) == [{"a": "x", "b": 1}, {"a": "x", "b": 2}]
    assert grid_of(method, False, {"b": 7}) == [{"a": "x", "b": 7}]
    assert grid_of(method, True) == [{"a": 3}]
    assert grid_of(Method("m", "M", ("regression",), None, ""), False) == [{}]


def test_what_a_run_has_found_out_concerns_its_own_method_alone(tmp_path):
    found = implementation.Implementation(
        "b 1", {"backend": "b"}, {"X": "1"}, {"v": "2"}, "for no reason"
    )
    contextual_lasso = baselines.load("contextual_lasso")
    path = tmp_path / implementation.path_of("r", contextual_lasso.implementation)
    with pytest.raises(storage.DamagedFile, match="cannot be read"):
        implementation.of_method(contextual_lasso, "r", tmp_path)
    implementation.write(found, path)
    assert implementation.of_method(contextual_lasso, "r", tmp_path) == found
    nothing = implementation.of_method(baselines.load("lasso"), "r", tmp_path)
    assert nothing == implementation.Implementation()


def test_found_variables_reach_the_worker_but_lift_no_confinement():
    env = processes.environment(
        ROOT, ROOT, {"NEW_VARIABLE": "x", "OMP_NUM_THREADS": "8", "TMPDIR": "/"}
    )
    assert env["NEW_VARIABLE"] == "x"
    assert env["OMP_NUM_THREADS"] == "1" and env["TMPDIR"] == str(ROOT)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the variables are those of glibc")
def test_a_worker_keeps_the_memory_that_it_has_freed():
    """Several large arrays again and again, as in the steps of a network: the pages come once."""
    program = (
        "import resource, numpy as np\n"
        "for _ in range(20): [np.ones(500_000) for _ in range(20)]\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)"
    )

    def faults(env):
        return int(subprocess.check_output([sys.executable, "-c", program], env=env, text=True))

    env = processes.environment(ROOT, ROOT)
    given_back = {k: v for k, v in env.items() if not k.startswith("MALLOC_")}
    pages = 20 * 500_000 * 8 // resource.getpagesize()
    assert faults(given_back) - faults(env) > 10 * pages


def _split_in(folder, dataset, index, settings):
    splits.write_all([splits.make(dataset, index, settings)], settings, folder)


def test_key_depends_on_all_that_decides_and_on_nothing_else(tmp_path, monkeypatch):
    def key(dataset="toy", method="lasso", index=0, **changes):
        settings = SETTINGS | changes
        _split_in(tmp_path, dataset, index, settings)
        return plan.Cell(settings, dataset, method, tmp_path).key(index)

    first = key()
    same = key(limits={"seconds": 9, "memory_mb": 99}, chunk_size=1, methods=["lasso"], splits=7)
    assert first == same
    monkeypatch.setattr(
        baselines, "load", lambda name: Method(name, name, ("regression",), None, "")
    )
    others = [
        key(index=1),
        key(seed=1),
        key(method="mlp"),
        key(rows=SETTINGS["rows"] | {"val": 11}),
    ]
    assert len({first, *others}) == 5


def test_key_does_not_know_the_truth(tmp_path):
    def key(split):
        splits.write_all([split], SETTINGS, tmp_path)
        return plan.Cell(SETTINGS, "toy", "lasso", tmp_path).key(0)

    other_truth = replace(TOY.truth, coef=TOY.truth.coef + 1, noise_variance=None)
    other_labels = TOY.arrays | {"y_test": TOY.arrays["y_test"] + 1}
    first = key(TOY)
    assert key(replace(TOY, truth=other_truth)) == first
    assert key(replace(TOY, arrays=other_labels, notes=["told otherwise"])) == first
    other_rows = TOY.arrays | {"y_train": TOY.arrays["y_train"] + 1}
    assert key(replace(TOY, arrays=other_rows)) != first


def test_of_code_only_what_is_executed_counts(tmp_path):
    def content(text):
        (tmp_path / "x.py").write_text(text)
        return executed(tmp_path / "x.py")

    plain = content("def f(x):\n    return x + 1\n")
    assert (
        content('"""Told."""\n\ndef f(x):\n    """Told."""\n    # why\n    return x + 1\n') == plain
    )
    assert content("def f(x):\n    return x + 2\n") != plain
    assert content('def f(x):\n    return "text"\n') != content('def f(x):\n    return "other"\n')
    assert content("def f(:\n") == b"def f(:\n"  # not Python: as it is


def test_a_method_without_its_package_is_skipped_with_the_packages_name(tmp_path, monkeypatch):
    lacks = replace(baselines.load("lasso"), requires=("no-such-package",))
    monkeypatch.setattr(baselines, "load", lambda name: lacks)
    settings = SETTINGS | {"missing_packages": "skip"}
    _split_in(tmp_path, "toy", 0, settings)
    driver.Fits(settings, "toy", "lasso", "log", tmp_path).run([0])
    result = records.read(tmp_path / records.path_of("r", "toy", "lasso", 0))["result"]
    assert result["status"] == "skipped"
    assert result["error"] == {"class": "MissingPackage", "message": "needs no-such-package"}
    assert result["versions"]["no-such-package"] == "not installed"


def test_the_file_of_a_methods_code_changes_when_its_package_is_installed(tmp_path, monkeypatch):
    """Snakemake refits by that file: what was skipped before would stay skipped."""
    lacks = replace(baselines.load("lasso"), requires=("no-such-package",))
    monkeypatch.setattr(baselines, "load", lambda name: lacks)
    monkeypatch.chdir(tmp_path)

    def content():
        return (tmp_path / code_file("lasso", renew=True)).read_text()

    before = content()
    assert content() == before
    assert "no-such-package not installed" in before
    version = provenance.version
    monkeypatch.setattr(
        provenance, "version", lambda name: "1.2" if name == "no-such-package" else version(name)
    )
    assert "no-such-package 1.2" in content()


def test_lock_is_exclusive_and_ends_with_its_holder(tmp_path):
    path = tmp_path / "x.lock"
    code = (
        "import sys, time; from benchmark import lock\n"
        "f = lock.hold(sys.argv[1], 'it'); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(lock.Busy, match=f"it is already at work .* \\(process {holder.pid}\\)"):
        lock.hold(path, "it")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    start = time.monotonic()
    lock.hold(path, "it").close()
    assert time.monotonic() - start < 1


@pytest.fixture
def toy_fits(tmp_path):
    """The fits of the lasso on the toy data of a run whose splits lie in a folder of its own."""
    made = (splits.make("toy", index, SETTINGS) for index in range(2))
    splits.write_all(made, SETTINGS, tmp_path)
    return driver.Fits(SETTINGS, "toy", "lasso", "logs/toy.log", tmp_path)


def test_an_altered_split_is_refused_and_never_fitted(toy_fits):
    paths = [toy_fits.split_path(index) for index in range(2)]
    paths[1].write_bytes(paths[0].read_bytes())
    with pytest.raises(storage.DamagedFile, match="split1.npz: truncated, altered or made with"):
        toy_fits.run(range(2))
    assert list(toy_fits.root.glob("results/**/split*.json")) == []


def test_a_record_of_its_key_is_kept_and_a_damaged_one_is_fitted_again(toy_fits, monkeypatch):
    toy_fits.run(range(2))
    first, second = map(toy_fits.cell.record_path, range(2))
    before = [path.read_bytes() for path in (first, second)]
    work_off, fitted = chunk.Chunk.work_off, []
    monkeypatch.setattr(
        chunk.Chunk,
        "work_off",
        lambda self, indices: (fitted.append(list(indices)), work_off(self, indices)),
    )
    toy_fits.run(range(2))
    assert fitted == [] and [path.read_bytes() for path in (first, second)] == before
    records.arrays_path(second).write_bytes(b"")
    toy_fits.run(range(2))
    assert fitted == [[1]] and records.read(second)["result"] == json.loads(before[1])["result"]
    first.write_text(first.read_text().replace('"ok"', '"error"'))
    toy_fits.run(range(2))
    assert fitted == [[1], [0]] and records.read(first)["result"]["status"] == "ok"


def test_a_kept_record_is_judged_again_by_the_judge_of_today(toy_fits, monkeypatch):
    toy_fits.run([0])
    path = toy_fits.cell.record_path(0)
    made = records.read(path)["run"]
    toy_fits.made_by = {"commit": "later", "dirty": True}
    monkeypatch.setattr(chunk.Chunk, "work_off", None)

    def refuse(*_):
        raise judge.InvalidPrediction("refused today")

    monkeypatch.setattr(judge, "check", refuse)
    toy_fits.run([0])
    record = records.read(path)
    assert record["result"]["error"]["message"] == "refused today"
    assert record["run"] == made  # by the commit that fitted it
    monkeypatch.undo()
    toy_fits.run([0])
    record = records.read(path)
    assert record["result"]["status"] == "ok" and record["run"]["commit"] == "later"


def _killed_worker(toy_fits, monkeypatch, again):
    end = processes.End("died", "the worker was killed by SIGKILL", signal.SIGKILL)
    monkeypatch.setattr(chunk.Chunk, "run_worker", lambda self, folder, todo: (end, None, todo))
    toy_fits.again = again
    toy_fits.run(range(2))


def test_a_worker_killed_by_a_batch_system_is_no_failure_of_its_fit(toy_fits, monkeypatch):
    with pytest.raises(processes.KilledFromOutside, match="SIGKILL; what is finished is kept"):
        _killed_worker(toy_fits, monkeypatch, again=True)
    assert list(toy_fits.root.glob("results/**/split*.json")) == []


def test_a_worker_killed_again_and_again_is_a_record(toy_fits, monkeypatch):
    _killed_worker(toy_fits, monkeypatch, again=False)
    path = toy_fits.root / records.path_of("r", "toy", "lasso", 1)
    assert records.read(path)["result"]["error"]["message"] == "the worker was killed by SIGKILL"


def test_only_early_attempts_in_a_batch_system_come_again(monkeypatch):
    monkeypatch.delenv(processes.BATCH, raising=False)
    assert not processes.comes_again(1)
    monkeypatch.setenv(processes.BATCH, "1")
    assert [processes.comes_again(attempt) for attempt in (1, 2, 3)] == [True, True, False]
