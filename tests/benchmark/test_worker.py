"""The worker's side: confinement, what it reports."""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest

import baselines
from benchmark import ROOT, storage
from benchmark.fitting import worker


def confined(tmp_path, code):
    """Run code in a process confined to tmp_path/folder; return its last line of output."""
    folder = tmp_path / "folder"
    folder.mkdir()
    script = (
        "import os, shutil, sys\nfrom pathlib import Path\n"
        "from benchmark.fitting import confinement\n"
        "folder = Path(sys.argv[1]); outside = folder.parent\n"
        "confinement.confine(folder)\n"
        f"try:\n{textwrap.indent(textwrap.dedent(code), '    ')}\n    print('done')\n"
        "except Exception as error:\n    print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "(outside / 'x').write_text('')",
        "open(outside / 'x', 'ab')",
        "os.open(outside / 'x', os.O_CREAT | os.O_RDWR)",
        "(outside / 'x').mkdir()",
        "os.rmdir(outside)",
        "(folder / 'x').write_text(''); os.rename(folder / 'x', outside / 'x')",
        "os.symlink('/', outside / 'x')",
        "(folder / 'x').write_text(''); os.link(folder / 'x', outside / 'x')",
        "os.symlink(outside / 'y', folder / 'x'); (folder / 'x').write_text('')",
        "shutil.rmtree(outside)",
        "os.chmod(outside, 0o777)",
        "os.chdir('..'); open('x', 'w')",
    ],
)
def test_changes_outside_the_folder_are_refused(tmp_path, code):
    assert confined(tmp_path, code) == "WriteOutsideFolder"
    assert os.listdir(tmp_path) == ["folder"]


def test_the_folder_itself_may_be_used(tmp_path):
    code = """
        (folder / 'a').mkdir()
        (folder / 'a' / 'x').write_text('')
        os.rename(folder / 'a' / 'x', folder / 'y')
        shutil.rmtree(folder / 'a')
        open(os.devnull, 'w').write('x')
    """
    assert confined(tmp_path, code) == "done"


@pytest.mark.parametrize("place", ["data", "results"])
def test_the_suites_own_files_cannot_be_read(tmp_path, place):
    code = f"open({str(ROOT / place / 'any' / 'split0.npz')!r}, 'rb')"
    assert confined(tmp_path, code) == "ReadOfJudgesFiles"


def test_long_message_is_cut():
    facts = worker._failed(ValueError("x" * 10**6))
    assert len(facts["error"]["message"]) < worker.MESSAGE_LIMIT + 40


def test_lack_of_memory_is_told_from_other_errors():
    assert worker._failed(MemoryError())["status"] == "memory"
    assert worker._failed(ValueError("x"))["status"] == "error"


CACHES = """
import os, shutil, sys, tempfile
from pathlib import Path
import baselines
from baselines.contract import Method
from benchmark.fitting import confinement, worker

HERE = {}
def load(name):
    HERE["at import"] = Path("at_import").resolve()
    return Method("m", "M", ("regression",), lambda task, params, seed: Caches(), "")
baselines.load = load
confinement.die_with_parent = lambda: None

class Caches:
    def fit(self, X, y, X_val=None, y_val=None):
        places = HERE | {
            "relative": Path("model.txt"),
            "absolute": Path.cwd() / "cached.txt",
            "temporary": Path(tempfile.gettempdir()) / "cached.txt",
            "variable": Path(os.environ["TMPDIR"]) / "model.txt",
        }
        found = [word for word, place in places.items() if place.exists()]
        self.fit_info_ = {"found": found, "there": os.listdir(".")}
        means = []
        for place in places.values():
            if not place.exists():
                place.write_text(repr(float(y.mean())))
            means.append(float(place.read_text()))
        self.mean = sum(means)
        os.makedirs("logs/deep")
        os.chmod("logs", 0o500)
        os.chdir("logs")
        return self

    def predict(self, X):
        return [self.mean] * len(X)

worker.main(sys.argv[1])
"""


def outcomes(folder, indices):
    """What a worker leaves that fits these splits one after another."""
    folder.mkdir()
    jobs = []
    for index in indices:
        rng = np.random.default_rng(index)
        arrays = {f"X_{part}": rng.normal(size=(5, 2)) for part in ("train", "val", "test")}
        arrays |= {f"y_{part}": rng.normal(size=5) for part in ("train", "val")}
        data = folder / f"data{index}.npz"
        storage.write_arrays(data, arrays)
        jobs.append({"split": index, "task": "regression", "seed": 0, "data": str(data)})
    request = {"folder": str(folder), "jobs": jobs, "method": "m", "grid": [{}], "all_rows": False}
    (folder / "request.json").write_text(json.dumps(request | {"keep_models": False}))
    done = subprocess.run(
        [sys.executable, "-c", CACHES, str(folder / "request.json")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    facts = [json.loads((folder / f"{index}.json").read_text()) for index in indices]
    assert [fact["status"] for fact in facts] == ["ok"] * len(facts), facts
    assert [fact["info"] for fact in facts] == [{"found": [], "there": []}] * len(facts)
    return [storage.read_arrays(folder / f"{index}.npz")["prediction"] for index in indices]


def test_splits_of_a_process_share_no_file(tmp_path):
    """A method that caches files gives the numbers that it gives with a process for each split."""
    together = outcomes(tmp_path / "together", [0, 1, 2])
    for index in (1, 2):
        (alone,) = outcomes(tmp_path / f"alone{index}", [index])
        np.testing.assert_array_equal(together[index], alone)
    assert together[1][0] != together[0][0]


def test_a_method_says_why_it_does_not_do_a_data_set(tmp_path):
    data = {"X_train": np.zeros((5, 2)), "y_train": np.zeros(5)}
    storage.write_arrays(tmp_path / "data.npz", data)
    job = {"task": "regression", "seed": 0, "data": tmp_path / "data.npz"}
    method = replace(
        baselines.load("lasso"),
        build=None,
        skip=lambda task, X, y: f"{task} of {len(X)} rows" if len(y) < 9 else None,
    )
    facts, arrays, estimator = worker._fit_one(method, job, [{}])
    assert facts == {
        "status": "skipped",
        "error": {"class": "NotDone", "message": "regression of 5 rows"},
    }
    assert (arrays, estimator) == ({}, None)
