"""Every way in which a method can fail, in the real workflow."""

from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow

TEMPLATE = Path(__file__).parent / "faults" / "template.py"
# method: status, class of the error, part of its message
EXPECTED = {
    "raises": ("error", "RuntimeError", "the method gave up"),
    "nan": ("error", "InvalidPrediction", "20 of 20 predictions are not finite"),
    "huge": ("error", "InvalidPrediction", "predictions are as large as"),
    "wrong_shape": ("error", "InvalidPrediction", "predictions have shape (20, 3), expected (20,)"),
    "stubborn": ("timeout", "timeout", "stopped after the limit of 20 s"),
    "hog": ("memory", "memory", "stopped above the limit of 800 MB"),
    "exits": ("error", "SystemExit", "0"),
    "vanishes": ("error", "WorkerDied", "the worker ended without an outcome"),
    "segfault": ("error", "WorkerDied", "the worker was killed by SIGSEGV"),
    "writes_outside": (
        "error",
        "WriteOutsideFolder",
        "a method may write in its own folder only, not to <project>/baselines/left_behind.txt",
    ),
    "moves_outside": (
        "error",
        "WriteOutsideFolder",
        "a method may write in its own folder only, not to <project>/baselines/left_behind.txt",
    ),
    "peeks": (
        "error",
        "ReadOfJudgesFiles",
        "a method may not read <project>/data/faults/toy/split0.npz",
    ),
    "declines": ("skipped", "NotDone", "it does not do regression"),
    "lacks_package": ("skipped", "MissingPackage", "needs no-such-package"),
}


@pytest.fixture(scope="module")
def failed(new_checkout):
    """The whole workflow with every fault beside an honest method."""
    checkout = new_checkout("faults")
    for name in (*EXPECTED, "chatter"):
        checkout.add_method(
            name, TEMPLATE.read_text().replace('NAME = "raises"', f'NAME = "{name}"')
        )
    checkout.configure(
        run="faults",
        splits=1,
        datasets=["toy"],
        methods=["lasso", *EXPECTED, "chatter"],
        limits={"seconds": 20, "memory_mb": 800},
        missing_packages="skip",
    )
    checkout.code, checkout.text = checkout.snakemake()
    return checkout


@pytest.mark.parametrize("name", EXPECTED)
def test_record_tells_status_and_reason(failed, name):
    status, cls, message = EXPECTED[name]
    result = failed.record("toy", name)["result"]
    assert result["status"] == status
    assert result["error"]["class"] == cls
    assert result["error"]["message"].startswith(message)
    assert result["arrays_sha256"] == failed.record("toy", "raises")["result"]["arrays_sha256"]


@pytest.mark.parametrize("name", ["lasso", "chatter"])
def test_the_other_cells_are_computed(failed, name):
    assert failed.record("toy", name)["result"]["status"] == "ok"


def test_exit_code_and_list_of_failures(failed):
    assert failed.code != 0
    for name in (name for name, (status, *_) in EXPECTED.items() if status != "skipped"):
        assert f"logs/faults/toy/{name}.log" in failed.text
    assert "lacks_package: 1 fits skipped, needs no-such-package" in failed.text
    assert "declines: 1 fits skipped, it does not do regression" in failed.text


def test_tables_and_figures_are_made_and_show_the_failures(failed):
    folder = failed.folder
    tables = sorted(p.name for p in (folder / "results/faults/tables").iterdir())
    assert "regression.csv" in tables and "runtime.md" in tables
    assert (folder / "figures/faults/toy.png").stat().st_size > 0
    regression = (folder / "results/faults/tables/regression.md").read_text()
    assert "(1/1)" in regression  # the honest method
    for status in ("error", "timeout", "memory"):
        assert f"failed ({status} 1/1)" in regression
    assert "| skipped 1/1" in regression
    assert (folder / "results/faults/README.md").exists()


def test_log_of_a_chatterbox_stays_small(failed):
    assert (failed.folder / "logs/faults/toy/chatter.log").stat().st_size <= 2_000_000


def test_log_holds_the_traceback(failed):
    log = (failed.folder / "logs/faults/toy/raises.log").read_text()
    assert "RuntimeError: the method gave up" in log


def test_nothing_survives_and_nothing_is_left_behind(failed):
    sleepers = [p for p in psutil.process_iter(["cmdline"]) if "98765" in (p.info["cmdline"] or [])]
    assert sleepers == []
    assert not (failed.folder / "baselines/left_behind.txt").exists()


def test_failures_are_repeated_only_when_asked(failed):
    """After the reading tests, since it changes the run."""
    assert set(failed.planned()) <= {"complete", "all"}
    kept = failed.record("toy", "lasso")
    assert failed.python("-m", "tools.retry_failed", "test.yaml")[0] == 0
    planned = failed.planned()
    assert all(planned[name] == 1 for name in EXPECTED)
    assert "lasso" not in planned and "chatter" not in planned
    # a repaired method: its code has changed, so its outcome is another one
    source = (failed.folder / "baselines/raises.py").read_text()
    repaired = source.replace('raise RuntimeError("the method gave up")', "pass")
    (failed.folder / "baselines/raises.py").write_text(repaired)
    failed.make(failed.cell("toy", "raises"))
    assert failed.record("toy", "raises")["result"]["status"] == "ok"
    assert failed.record("toy", "lasso") == kept


def test_a_fit_stopped_by_a_limit_is_repeated_under_another_limit(failed):
    failed.configure(**failed.config | {"limits": {"seconds": 3, "memory_mb": 800}})
    failed.make(failed.cell("toy", "stubborn"))
    error = failed.record("toy", "stubborn")["result"]["error"]
    assert error["message"] == "stopped after the limit of 3 s"
