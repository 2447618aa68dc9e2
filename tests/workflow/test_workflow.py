"""What Snakemake does and does not redo, and what it refuses."""

import json
import os
import re
import shutil
import signal
import sys
import time

import pandas as pd
import pytest

from benchmark import threads
from benchmark.method_rules import RULE, RULES
from benchmark.page.document import read_contents

NOISY = '''
"""A method whose numbers come from its seed alone."""

from baselines.contract import Method


def build(task, params, seed):
    import numpy as np

    class Noisy:
        def fit(self, X, y, X_val=None, y_val=None):
            return self

        def predict(self, X):
            return np.random.default_rng(seed).normal(size=len(X))

    return Noisy()


METHOD = Method(name="noisy", label="Noisy", tasks=("regression",), build=build, source="tests")
'''
LOGGING = NOISY.replace("return self", "__import__('os').makedirs('logs'); return self")
SLOW = NOISY.replace("noisy", "slow").replace("return self", "__import__('time').sleep(300)")


def test_second_run_has_nothing_to_do(finished):
    assert "Nothing to be done" in finished.make(finished.fits_csv)


def test_job_counts_of_the_default_target(finished):
    planned = finished.planned("--forceall")
    assert planned == {
        "all": 1,
        "dataset": 2,
        "data_manifest": 1,
        "lasso": 1,
        "logistic": 1,
        "collect": 1,
        "tables": 1,
        "figures": 1,
        "other_figures": 1,
        "summary": 1,
        "page": 1,
        "complete": 1,
    }


def test_the_default_target_names_every_file_of_the_run(new_checkout):
    """What is gone is made anew, also where all that was made from it is there."""
    checkout = new_checkout("all")
    asked = {"datasets": ["toy"], "methods": ["lasso", "contextual_lasso"]}
    checkout.configure(**asked, explanations={"rows": 10})
    _, text = checkout.snakemake("--summary")
    made = {line.split("\t")[0] for line in text.split("output_file\t")[1].splitlines()[1:]}
    assert len(made) > 50 and any("implementation" in path for path in made)
    text = checkout.make("--dry-run")
    named = text.split("rule all:\n    input: ")[1].splitlines()[0].split(", ")
    assert made - set(named) == set()


@pytest.mark.slow
def test_outputs_that_a_killed_run_has_lost_are_made_anew_although_it_is_called_complete(copy):
    copy.make()
    assert (copy.folder / "results/small/complete.txt").exists()
    (copy.folder / copy.fits_csv).unlink()
    assert copy.planned()["collect"] == 1
    copy.make()
    assert (copy.folder / copy.fits_csv).exists()


LOOKS = """
import atexit, sys
from snakemake import cli
from snakemake.scheduling.job_scheduler import JobScheduler

looks, begin = [], JobScheduler._schedule_reevalutation

def counted(self, delay):
    looks.append(delay)
    begin(self, delay)

JobScheduler._schedule_reevalutation = counted
atexit.register(lambda: print("looks", len(looks)))
cli.main(sys.argv[1:])
"""


@pytest.mark.slow
def test_the_scheduler_looks_again_and_again_only_under_a_limit_that_somebody_asked_for(finished):
    def looks(*arguments):
        manifest = finished.cell("toy", "lasso")
        command = [manifest, "--cores", "2", "--configfile", "test.yaml", "--forcerun", "lasso"]
        code, text = finished.python("-c", LOOKS, *command, *arguments)
        assert code == 0, text
        return int(text.split("looks ")[-1])

    assert looks() == 0
    assert looks("--max-jobs-per-timespan", "50/1s") > 0


ENVIRONMENT = """

rule environment:
    output:
        "environment.txt",
    shell:
        "env > {output}"
"""


def test_what_is_touched_stays_and_what_is_changed_or_added_is_fitted_with_one_thread(
    copy, monkeypatch
):
    before = copy.results()
    (copy.folder / "baselines/logistic.py").touch()
    file = copy.folder / "baselines/lasso.py"
    file.write_text(file.read_text().replace("cv=5", "cv=4"))
    assert copy.planned(copy.fits_csv) == {"lasso": 1, "collect": 1}
    copy.add_method("noisy", NOISY)
    rows = [f"{i % 7},{(i * i) % 11},{i % 7 + 0.1 * (i % 5)}" for i in range(60)]
    (copy.folder / "mine.csv").write_text("\n".join(["a,b,target", *rows]) + "\n")
    spec = {"path": "mine.csv", "target": "target", "task": "regression"}
    copy.configure(splits=3, methods=["noisy", "lasso", "logistic"], csv={"mine": spec})
    with open(copy.folder / "Snakefile", "a") as rules:
        rules.write(ENVIRONMENT)
    for name in threads.VARIABLES:
        monkeypatch.setenv(name, "7")
    copy.make(copy.fits_csv, "environment.txt")
    after = copy.results()
    assert len(after) == 15
    changed = {name for name, text in before.items() if after[name] != text}
    assert changed == {"toy/lasso/split0.json", "toy/lasso/split1.json"}
    # seeds differ between splits, so its predictions do
    values = {copy.record("toy", "noisy", i)["result"]["arrays_sha256"] for i in range(3)}
    assert len(values) == 3
    record = copy.record("mine", "lasso")["result"]
    assert record["status"] == "ok" and record["n_features"] == 2
    environment = (copy.folder / "environment.txt").read_text().splitlines()
    assert {f"{name}=1" for name in threads.VARIABLES} <= set(environment)


@pytest.mark.slow
def test_a_data_set_is_given_more_splits_and_only_those_are_fitted(copy):
    """From data to the page; the data set that keeps its number is not looked at again."""
    before, kept = copy.results(), copy.record("toy", "lasso")["run"]
    other = copy.record_path("classification1", "logistic", 0).stat().st_mtime_ns
    copy.configure(more_splits={"toy": 5})
    one = {"dataset": 1, "data_manifest": 1, "lasso": 1, "collect": 1}
    assert copy.planned(copy.fits_csv) == one
    code, text = copy.python("-m", "benchmark.check", "test.yaml")
    assert (code, text) == (0, 'test.yaml: run "small", 7 fits\n')
    text = copy.make()
    after = copy.results()
    assert {name: after[name] for name in before} == before
    added = {f"toy/lasso/split{index}.json" for index in (2, 3, 4)}
    assert set(after) - set(before) == added
    log = (copy.folder / "logs/small/toy/lasso.log").read_text()
    assert re.findall("--- split ([0-9])", log) == ["2", "3", "4"]
    now = copy.record("toy", "lasso")["run"]
    assert all(now[name] == kept[name] for name in ("fit_seconds", "peak_memory_mb"))
    assert copy.record_path("classification1", "logistic", 0).stat().st_mtime_ns == other
    assert "7 fits, 7 ok" in text and "Two cuts cannot tell" in text
    summary = (copy.folder / "results/small/README.md").read_text()
    assert "Seed 0, 2 to 5 splits." in summary
    page = read_contents(copy.folder / "results/small/index.html")
    assert {d["name"]: d["splits"] for d in page["datasets"]} == {"toy": 5, "classification1": 2}
    assert (copy.folder / "figures/small/benchmark_mse.png").exists()
    assert copy.planned() == {}


@pytest.mark.slow
def test_another_seed_under_the_same_name_remakes_everything(copy):
    copy.configure(seed=1)
    assert copy.planned(copy.fits_csv) == {
        "dataset": 2,
        "data_manifest": 1,
        "lasso": 1,
        "logistic": 1,
        "collect": 1,
    }


def test_results_of_another_config_are_refused_even_without_snakemakes_memory(copy):
    """Files that look up to date but were made with other rows are never mixed in."""
    for path in (copy.folder / ".snakemake").glob("metadata/**/*"):
        if path.is_file():
            path.unlink()
    (copy.folder / copy.fits_csv).unlink()
    copy.configure(rows={"train": 50, "val": 20, "test": 20})
    code, text = copy.snakemake(copy.fits_csv, "--rerun-triggers", "mtime")
    assert code != 0
    assert (
        "error: 4 splits cannot be used:\n"
        "  data/small/toy/split0.npz: truncated, altered or made with other settings; "
        "delete it and run the same command again\n" in text
    )


@pytest.mark.slow
def test_damaged_and_lost_records_are_named_and_made_anew(copy):
    before = copy.results()
    hand_edited = copy.record_path("toy", "lasso", 0)
    text = re.sub(r'"n_features": [0-9]+', '"n_features": 7', hand_edited.read_text())
    assert text != hand_edited.read_text()
    hand_edited.write_text(text)
    truncated = copy.record_path("toy", "lasso", 1)
    truncated.write_text(truncated.read_text()[:200])
    arrays = copy.record_path("classification1", "logistic", 0).with_suffix(".npz")
    arrays.write_bytes(arrays.read_bytes()[:-30])
    gone = copy.record_path("classification1", "logistic", 1)
    gone.unlink()
    text = copy.make(copy.fits_csv)
    folder = "results/small/records"
    for line in (
        f"{folder}/toy/lasso/split0.json was altered",
        f"{folder}/toy/lasso/split1.json was altered",
        f"{folder}/classification1/logistic/split0.npz was altered",
        f"{folder}/classification1/logistic/split1.json is gone",
    ):
        assert f"{line}; it is made anew" in text
    assert copy.results() == before
    assert "Nothing to be done" in copy.make(copy.fits_csv)


@pytest.mark.slow
def test_records_damaged_behind_the_back_of_their_manifest_are_refused(copy):
    """Damage that no time stamp tells of is found by whoever reads the record."""
    record = copy.record_path("toy", "lasso", 0)
    times = record.stat()
    record.write_text(record.read_text()[:200])
    os.utime(record, ns=(times.st_atime_ns, times.st_mtime_ns))
    (copy.folder / copy.fits_csv).unlink()
    code, text = copy.snakemake(copy.fits_csv)
    assert code != 0
    assert (
        "error: 1 records cannot be used:\n"
        "  results/small/records/toy/lasso/split0.json: truncated or not JSON\n"
        "Delete them and run the same command again; nothing else is made anew.\n" in text
    )
    record.unlink()
    copy.make(copy.fits_csv)
    assert copy.record("toy", "lasso")["result"]["status"] == "ok"


@pytest.mark.slow
def test_damaged_split_is_named_and_mended(copy):
    before = copy.results()
    split = copy.folder / "data/small/toy/split1.npz"
    split.write_bytes(split.read_bytes()[:1000])
    text = copy.make(copy.fits_csv)
    assert "data/small/toy/split1.npz was altered; it is made anew" in text
    assert copy.results() == before
    split.unlink()
    copy.make(copy.fits_csv)
    assert copy.results() == before


@pytest.mark.slow
def test_two_runs_at_once_are_refused_and_a_killed_one_leaves_no_lock(copy):
    copy.add_method("slow", SLOW)
    copy.configure(methods=["slow", "lasso", "logistic"])
    first = copy.start(copy.fits_csv)
    try:
        progress = copy.folder / "logs/small/toy/slow.log"
        deadline = time.monotonic() + 120
        while not (progress.exists() and "split 0" in progress.read_text()):
            assert time.monotonic() < deadline and first.poll() is None
            time.sleep(0.2)
        code, text = copy.snakemake(copy.fits_csv)
        assert code != 0
        assert f'the run "small" is already at work in this checkout (process {first.pid})' in text
        assert first.poll() is None
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    copy.configure()
    assert "Nothing" in copy.make(copy.fits_csv) or copy.record("toy", "lasso")
    assert len(copy.results()) == 4


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"methods": ["lasso", "logistik"]}, '"methods": unknown value "logistik"; did you mean'),
        pytest.param({"run": None}, 'the key "run" is missing', marks=pytest.mark.slow),
        pytest.param(
            {"csv": {"mine": {"path": "no.csv", "target": "y", "task": "regression"}}},
            '"csv.mine": no.csv: no such file in ',
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_wrong_config_is_refused_before_anything_is_touched(copy, changes, message):
    before = copy.results()
    copy.configure(**changes)
    code, text = copy.snakemake()
    assert code != 0
    assert f"configuration refused: {message}" in text
    assert "Traceback" not in text
    copy.configure()
    assert copy.results() == before
    assert copy.planned(copy.fits_csv) == {}


def test_what_snakemake_itself_would_not_say_is_refused_before_anything_runs(copy):
    """A method without its rule, and a key given twice, of which Snakemake takes the last."""
    (copy.folder / "baselines/noisy.py").write_text(NOISY)
    copy.configure(methods=["noisy", "lasso", "logistic"])
    said = f"noisy has no rule; add to {RULES}:\n\n{RULE.format(name='noisy')}"
    for command in (copy.command(), [sys.executable, "-m", "benchmark.check", "test.yaml"]):
        code, text = copy.call(command)
        assert code != 0
        assert f'configuration refused: "methods": {said}' in text
    with open(copy.folder / "test.yaml", "a") as file:
        file.write("splits: 3\n")
    code, text = copy.snakemake()
    assert code != 0
    assert 'not valid YAML: the key "splits" is given twice, first in line ' in text
    assert "configuration refused: test.yaml, line " in text and "Traceback" not in text
    copy.configure()
    assert copy.planned(copy.fits_csv) == {}


@pytest.mark.slow
def test_unwritable_folder_gives_one_clear_message(new_checkout):
    checkout = new_checkout("unwritable")
    checkout.configure(datasets=["toy"], methods=["lasso"], splits=1)
    (checkout.folder / "data/small").write_text("a file where a folder should be")
    code, text = checkout.snakemake("data/small/toy/splits.json")
    assert code != 0
    assert "cannot write data/small/.probe: " in text
    assert "Traceback" not in text


def _same_result(checkout, *arguments):
    code, text = checkout.python("-m", "tests.drivers.same_result", *arguments)
    return code, json.loads(text.splitlines()[-1]), text


SMALL_TARGET = ("--config", "test.yaml", "--target", "results/<run>/fits.csv")


@pytest.mark.slow
def test_cores_chunk_size_and_order_change_no_byte(new_checkout):
    """The order of jobs and the number of fits per process have no part in the results.

    Nor has a folder that a method makes in each of its fits.
    """
    checkout = new_checkout("cores")
    checkout.add_method("noisy", LOGGING)
    checkout.configure(datasets=["toy"], methods=["lasso", "noisy"], splits=3)
    code, report, text = _same_result(checkout, *SMALL_TARGET)
    assert code == 0, text
    assert report == {"outputs": 2 * 6 + 2 * 3 + 2, "ways": 4, "differ": []}


@pytest.mark.slow
def test_a_method_that_depends_on_chance_is_found(new_checkout):
    checkout = new_checkout("chance")
    unseeded = NOISY.replace("default_rng(seed)", "default_rng()")
    assert unseeded != NOISY
    checkout.add_method("noisy", unseeded)
    checkout.configure(datasets=["toy"], methods=["lasso", "noisy"], splits=1)
    code, report, text = _same_result(checkout, *SMALL_TARGET)
    assert code == 1, text
    assert "small-8-cores: records/toy/noisy/split0.json" in report["differ"]
    assert not any("lasso" in output for output in report["differ"])


@pytest.mark.long
@pytest.mark.slow
def test_cores_chunk_size_and_order_change_no_byte_of_the_smoke_grid(new_checkout):
    code, report, text = _same_result(new_checkout("cores_smoke"))
    assert code == 0, text
    assert report["outputs"] > 150


def test_a_name_with_a_parameter_is_a_column_of_its_own(copy):
    """Fitted by the rule of its method, in a folder whose name a shell leaves as it is."""
    copy.configure(methods=["lasso", "logistic", "svm[C=3]"], metrics=["mse"])
    assert copy.planned(copy.cell("toy", "svm-C=3"))["svm"] == 1
    copy.make(copy.cell("toy", "svm-C=3"))
    result = copy.record("toy", "svm-C=3")["result"]
    assert (result["status"], result["method"]) == ("ok", "svm[C=3]")
    assert result["params"]["C"] == 3
    assert "--- split 1" in (copy.folder / "logs/small/toy/svm-C=3.log").read_text()
    copy.configure()


def test_check_command_speaks_about_a_file_that_snakemake_cannot_read(finished):
    (finished.folder / "broken.yaml").write_text("run: x\nmethods: [lasso\nsplits: 2\n")
    code, text = finished.python("-m", "benchmark.check", "broken.yaml")
    assert code == 2
    assert text.startswith("configuration refused: broken.yaml, line 3: not valid YAML: ")
    assert text.count("\n") == 1
    code, text = finished.python("-m", "benchmark.check", "absent.yaml")
    assert (code, text) == (
        2,
        "configuration refused: absent.yaml: cannot be read: No such file or directory\n",
    )
    assert finished.python("-m", "benchmark.check", "test.yaml") == (
        0,
        'test.yaml: run "small", 4 fits\n',
    )


@pytest.mark.slow
def test_verify_recomputes_cells_and_notices_a_wrong_one(finished, tmp_path):
    shutil.copy(finished.folder / "test.yaml", tmp_path / "config.yaml")
    for name in ("fits.csv", "scores.csv"):
        shutil.copy(finished.folder / "results/small" / name, tmp_path / name)
    table = pd.read_csv(tmp_path / "scores.csv")
    command = ("-m", "tools.verify", "--snapshot", str(tmp_path), "--cells", "2")
    code, text = finished.python(*command)
    assert code == 0 and text.count(": identical\n") == 2, text
    assert text.endswith("2 of 2 cells agree\n")
    table["value"] *= 2
    table.to_csv(tmp_path / "scores.csv", index=False)
    code, text = finished.python(*command)
    assert code == 1 and text.count(": DIFFERS, is not within 0.05\n") == 2, text


def test_record_says_what_made_it(finished):
    record = finished.record("toy", "lasso")
    assert {"commit", "dirty", "config_sha256"} <= record["run"].keys()
    assert {"code_sha256", "data_sha256", "versions", "seed", "key"} <= record["result"].keys()
    assert record["result"]["versions"]["numpy"] and len(record["run"]["config_sha256"]) == 64
