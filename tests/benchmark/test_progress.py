"""How far a run is, and what a person sees of it."""

import io
import json
import logging
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console
from snakemake_interface_logger_plugins.common import LogEvent

from benchmark.fitting import cost, records
from benchmark.progress import Progress, is_current

sys.path.append(str(Path(__file__).resolve().parents[2] / "workflow" / "plugins"))
import snakemake_logger_plugin_fits as plugin  # noqa: E402

CELLS = {("toy", "lasso"): 4, ("toy", "mlp"): 4, ("boston", "mlp"): 4}
CONFIG = {"splits": 4, "more_splits": {}, "limits": {"seconds": 1000, "memory_mb": 4000}}
ROWS = [
    {"dataset": "toy", "method": "lasso", "seconds": 0.0, "memory_mb": 1.0},
    {"dataset": "toy", "method": "mlp", "seconds": 9.0, "memory_mb": 1.0},
    {"dataset": "boston", "method": "mlp", "seconds": 19.0, "memory_mb": 1.0},
]


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def progress(tmp_path):
    costs = cost.Costs(CONFIG, CELLS, ROWS)
    made = Progress("small", CELLS, costs, root=tmp_path, clock=Clock())
    made.clock = made._clock
    return made


def finish(progress, number, cell, statuses):
    """Write a job's records and report it."""
    for index, status in enumerate(statuses):
        path = progress.root / records.path_of("small", *cell, index)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"result": {"status": status}}))
    progress.finish(number)


def test_a_run_that_begins(progress):
    state = progress.look()
    assert (state.total, state.done, state.failed) == (12, 0, {})
    assert (state.seconds_left, state.at_work, state.waiting) == (None, [], 0)


def test_fits_of_a_finished_job_count_and_so_do_its_failures(progress):
    progress.start(7, "lasso on toy", ("toy", "lasso"), "toy.log")
    finish(progress, 7, ("toy", "lasso"), ["ok", "error", "skipped", "timeout"])
    state = progress.look()
    assert (state.done, state.failed) == (4, {"error": 1, "timeout": 1})


def test_a_name_with_parameters_is_heard_of_by_its_path(tmp_path):
    known = cost.Costs(CONFIG, [("toy", "mlp[a=1]")], ROWS)
    heard = Progress("r", {("toy", "mlp[a=1]"): 4}, known, root=tmp_path)
    heard.start(7, "mlp-a=1 on toy", ("toy", "mlp-a=1"), "toy.log")
    (tmp_path / "toy.log").write_text("--- split 0\n")
    assert heard.look().at_work == ["mlp[a=1] on toy 1/4"]


def test_a_job_at_work_counts_by_its_log(progress):
    progress.start(7, "mlp on toy", ("toy", "mlp"), "toy.log")
    assert progress.look().waiting == 1
    (progress.root / "toy.log").write_text("--- split 0\nnoise\n--- split 1\n--- split 2\n")
    state = progress.look()
    assert (state.done, state.at_work, state.waiting) == (2, ["mlp on toy 3/4"], 0)


def test_every_data_set_counts_with_its_own_number_of_splits(tmp_path):
    cells = CELLS | {("boston", "mlp"): 10}
    costs = cost.Costs(CONFIG | {"more_splits": {"boston": 10}}, cells, ROWS)
    progress = Progress("small", cells, costs, [("toy", "mlp")], tmp_path, Clock())
    progress.start(7, "mlp on boston", ("boston", "mlp"), "boston.log")
    # the splits before lie there from a run with fewer
    (tmp_path / "boston.log").write_text("--- split 5\n--- split 6\n")
    state = progress.look()
    assert (state.total, state.done, state.at_work) == (18, 4 + 6, ["mlp on boston 7/10"])
    finish(progress, 7, ("boston", "mlp"), ["ok"] * 9 + ["error"])
    state = progress.look()
    assert (state.done, state.failed) == (14, {"error": 1})


def test_the_log_of_an_earlier_run_is_no_work(progress):
    log = progress.root / "toy.log"
    log.write_text("--- split 0\n--- split 1\n")
    os.utime(log, (1, 1))
    progress.start(7, "mlp on toy", ("toy", "mlp"), "toy.log")
    assert (progress.look().done, progress.look().waiting) == (0, 1)


def test_time_left_follows_from_expected_costs_and_what_passed(progress):
    # expected: 4, 40 and 80 seconds with what a job costs itself
    progress.start(7, "mlp on toy", ("toy", "mlp"), "toy.log")
    progress.clock.now += 20
    finish(progress, 7, ("toy", "mlp"), ["ok"] * 4)
    assert progress.look().seconds_left == pytest.approx(20 * 84 / 40)


def test_what_was_there_before_is_done_and_says_nothing_about_speed(tmp_path):
    costs = cost.Costs(CONFIG, CELLS, ROWS)
    progress = Progress("small", CELLS, costs, [("toy", "mlp")], tmp_path, Clock())
    assert progress.look().done == 4
    progress.start(1, "lasso on toy", ("toy", "lasso"), "log")
    progress._clock.now += 8
    finish(progress, 1, ("toy", "lasso"), ["ok"] * 4)
    assert progress.look().seconds_left == pytest.approx(8 * 80 / 4)


def test_records_older_than_their_code_or_data_are_not_done(tmp_path):
    made, code, data = tmp_path / "manifest.json", tmp_path / "code", tmp_path / "splits.json"
    for age, path in enumerate((code, data, made)):
        path.touch()
        os.utime(path, (age, age))
    assert is_current(made, [code, data])
    os.utime(data, (3, 3))
    assert not is_current(made, [code, data])
    assert not is_current(made, [code, tmp_path / "nothing"])
    assert not is_current(tmp_path / "nothing", [code])


def test_a_failed_job_is_no_longer_at_work_and_its_fits_are_not_done(progress):
    progress.start(7, "mlp on toy", ("toy", "mlp"), "toy.log")
    progress.fail(7)
    assert (progress.look().done, progress.look().waiting) == (0, 0)


# ---------------------------------------------------------------- the plugin


def record(event=None, level=logging.INFO, message="", **values):
    made = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    made.__dict__.update(values)
    if event is not None:
        made.event = event
    return made


def handler_on(progress, terminal):
    handler = plugin.LogHandler(SimpleNamespace(stdout=False), None)
    handler.progress = progress
    handler.console = Console(
        file=io.StringIO(), force_terminal=terminal, width=80, highlight=False, soft_wrap=True
    )
    return handler


def job(number=7, rule="mlp", dataset="toy"):
    return record(
        LogEvent.JOB_INFO,
        jobid=number,
        rule_name=rule,
        rule_msg=f"{rule} on {dataset}, all splits",
        wildcards={"dataset": dataset},
        log=["toy.log"],
    )


def test_a_pipe_is_told_a_line_now_and_then(progress, monkeypatch):
    handler = handler_on(progress, terminal=False)
    handler.emit(job())
    handler.emit(record(message="Select jobs to execute..."))
    assert handler.console.file.getvalue() == ""
    (progress.root / "toy.log").write_text("--- split 0\n--- split 1\n")
    handler._said_at -= plugin.LINE_SECONDS
    handler.emit(record(message="Select jobs to execute..."))
    handler.emit(record(message="Select jobs to execute..."))
    (line,) = handler.console.file.getvalue().splitlines()
    assert line.startswith("1 of 12 fits (8 %); none failed; 0:0")
    assert line.endswith("at work: mlp on toy 2/4")


def test_warnings_errors_and_the_end_are_shown_in_snakemakes_words(progress):
    handler = handler_on(progress, terminal=False)
    handler.emit(record(level=logging.WARNING, message="split0.json is gone"))
    handler.emit(record(LogEvent.JOB_ERROR, logging.ERROR, "Error in rule mlp", jobid=7))
    handler.emit(record(message="Nothing to be done (all there)."))
    handler.emit(record(message="Building DAG of jobs..."))
    assert handler.console.file.getvalue().splitlines() == [
        "split0.json is gone",
        "Error in rule mlp",
        "Nothing to be done (all there).",
    ]


def test_an_error_that_a_script_has_put_into_words_is_not_buried(progress, tmp_path):
    """What Snakemake adds to it is left out; the end of the run says it again."""
    plain, unforeseen = tmp_path / "plain.log", tmp_path / "unforeseen.log"
    plain.write_text("error: Julia is not there. Install it.\n")
    unforeseen.write_text("Traceback (most recent call last):\n")
    handler = handler_on(progress, terminal=False)
    said = (
        "RuleException:\nCalledProcessError in file methods.smk, line 56:\nCommand '...' returned"
    )

    def failed(log, rule):
        handler.emit(record(LogEvent.ERROR, logging.ERROR, said))
        values = dict(jobid=7, rule_name=rule, log=log)
        handler.emit(record(LogEvent.JOB_ERROR, logging.ERROR, f"Error in {rule}, long", **values))

    failed([str(plain)], "implementation")
    failed([str(plain)], "implementation")
    failed([str(unforeseen)], "tables")
    failed([], "figures")
    failed([str(tmp_path / "nosuch")], "page")
    handler.emit(record(None, logging.ERROR, "Exiting because a job execution failed. Look above"))
    handler.emit(record(LogEvent.ERROR, logging.ERROR, "WorkflowError:\nAt least one job did not"))
    assert handler.console.file.getvalue().splitlines() == [
        f"Error in rule implementation, see above and {plain}",
        f"Error in rule implementation, see above and {plain}",
        "Error in tables, long",
        "Error in figures, long",
        "Error in page, long",
        "WorkflowError:",
        "At least one job did not",
    ]
    assert handler.refused == ["implementation: Julia is not there. Install it."]


def test_a_terminal_shows_a_bar_and_what_runs_and_is_left_clean(progress):
    handler = handler_on(progress, terminal=True)
    (progress.root / "toy.log").write_text("--- split 0\n--- split 1\n")
    handler.emit(job())
    handler.emit(job(8, "mlp", "boston"))
    progress.jobs[8].log = None
    console = Console(file=io.StringIO(), width=80)
    console.print(handler._draw(progress.look()))
    lines = console.file.getvalue().splitlines()
    assert lines[0].startswith("━━") and lines[0].endswith(" 1 of 12 fits (8 %)")
    assert len(lines[0]) == 80
    assert lines[1].startswith("none failed   0:0")
    assert [line.strip() for line in lines[2:]] == ["mlp on toy 2/4", "1 jobs waiting to start"]
    handler.close()
    assert handler._live is None
    assert handler.console.file.getvalue().count("\x1b[?25h") == 1  # the cursor is back


def test_failures_are_named_while_it_runs(progress):
    handler = handler_on(progress, terminal=False)
    handler.emit(job())
    finish(progress, 7, ("toy", "mlp"), ["ok", "error", "error", "memory"])
    assert "4 of 12 fits (33 %); failed: 2 error, 1 memory;" in handler.line()


def settings(**changes):
    return SimpleNamespace(
        **{"verbose": False, "printshellcmds": False, "debug_dag": False, "stdout": False} | changes
    )


def own_output():
    logger = logging.Logger("snakemake")
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    logger.handlers[0].name = "DefaultStreamHandler"
    return logger


def test_it_takes_the_place_of_snakemakes_own_output(progress):
    logger = own_output()
    logger.handlers[0].addFilter(lambda entry: True)
    handler = plugin.take_over(logger, settings(), progress)
    assert logger.handlers == [handler] and len(handler.filters) == 1


@pytest.mark.parametrize("asked", ["verbose", "printshellcmds", "debug_dag"])
def test_whoever_asks_for_more_gets_snakemakes_own_output(progress, asked):
    logger = own_output()
    before = list(logger.handlers)
    assert plugin.take_over(logger, settings(**{asked: True}), progress) is None
    assert logger.handlers == before


def test_another_plugin_in_the_terminal_is_left_alone(progress):
    logger = logging.Logger("snakemake")
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    assert plugin.take_over(logger, settings(), progress) is None
    assert len(logger.handlers) == 1
