"""How far a run is, in fits: what is done, what has failed, what is at work, how long it may take.

The state is fed by whoever hears of jobs (``workflow/plugins`` hears Snakemake); it prints nothing.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from baselines import file_id
from benchmark.fitting import records

SPLIT = re.compile(rb"^--- split (\d+)", re.M)
JOB_SECONDS = 4.0  # what a job costs beside its fits, on a slow core


def is_current(made, inputs) -> bool:
    """Whether a file is there and none of its inputs is newer.

    A change of code leaves the records of the code before where they are, and they are not done.
    """
    try:
        age = Path(made).stat().st_mtime
        return all(Path(path).stat().st_mtime <= age for path in inputs)
    except OSError:
        return False


@dataclass
class Job:
    """A job at work: one method on all splits of a data set, or (no method) another stage."""

    text: str
    cell: tuple[str, str] | None = None
    log: Path | None = None
    since: float = field(default_factory=time.time)


@dataclass(frozen=True)
class State:
    """How far a run is.

    Attributes
    ----------
    total, done : fits of the run, and those that are done (those of jobs at work among them)
    failed : number of fits of this command that failed, by status
    seconds_left : what the fits that are left may take; None as long as nothing is known
    at_work : what runs now
    waiting : jobs that have been handed out and show no sign of work yet
    """

    total: int
    done: int
    failed: dict[str, int]
    seconds_left: float | None
    at_work: list[str]
    waiting: int


class Progress:
    """What has been heard of a run.

    Parameters
    ----------
    run : name of the run
    cells : mapping of the (data set, method) pairs of the run to their numbers of splits
    costs : benchmark.fitting.cost.Costs
        Expected seconds; only their ratios count, the machine's speed is learned on the way.
    done : pairs whose records are there already, made with the code and data of today
    root : project root
    clock : function that tells seconds
    """

    def __init__(self, run, cells, costs, done=(), root=".", clock=time.monotonic):
        self.run, self.splits, self.root, self._clock = run, dict(cells), Path(root), clock
        self._cost = {cell: JOB_SECONDS + costs.seconds(*cell) for cell in cells}
        self._by_path = {(dataset, file_id(method)): (dataset, method) for dataset, method in cells}
        self._done = {cell: cells[cell] for cell in done if cell in cells}
        self._kept = set(self._done)
        self.jobs: dict[int, Job] = {}
        self.failed: dict[str, int] = {}
        self._began = None

    # ---------------------------------------------------------------- what happens

    def start(self, number: int, text: str, cell=None, log=None):
        """A job has been started, or handed to the batch system.

        Parameters
        ----------
        cell : data set and method, the latter as paths have it
        """
        cell = self._by_path.get(cell)
        if cell is not None:
            self._began = self._clock() if self._began is None else self._began
            self._done.pop(cell, None)  # its records are made anew
            self._kept.discard(cell)
        self.jobs[number] = Job(text, cell, self.root / log if log else None)

    def finish(self, number: int):
        """A job has ended well: its records are there."""
        job = self.jobs.pop(number, None)
        if job is not None and job.cell is not None:
            self._done[job.cell] = self.splits[job.cell]
            for status in self._statuses(job.cell):
                if status not in ("ok", "skipped"):
                    self.failed[status] = self.failed.get(status, 0) + 1

    def fail(self, number: int):
        """A job has not ended well."""
        self.jobs.pop(number, None)

    def _statuses(self, cell):
        for index in range(self.splits[cell]):
            path = self.root / records.path_of(self.run, *cell, index)
            try:
                yield json.loads(path.read_text())["result"]["status"]
            except (OSError, ValueError, KeyError, TypeError):
                continue  # whoever gathers the records will speak about it

    # ---------------------------------------------------------------- what is known

    @staticmethod
    def _split_at_work(job: Job) -> int | None:
        """The split that a job fits, counted from 0; None if it has not begun."""
        try:
            if job.log is None or job.log.stat().st_mtime < job.since - 1:
                return None
            found = SPLIT.findall(job.log.read_bytes())
        except OSError:
            return None
        return int(found[-1]) if found else None

    def look(self) -> State:
        """The state now; the logs of the jobs at work are read for it."""
        done, at_work, waiting = dict(self._done), [], 0
        for job in self.jobs.values():
            if job.cell is None:
                at_work.append(job.text)
                continue
            at = self._split_at_work(job)
            if at is None:
                waiting += 1
                continue
            dataset, method = job.cell
            n = self.splits[job.cell]
            done[job.cell] = min(at, n)
            at_work.append(f"{method} on {dataset} {min(at + 1, n)}/{n}")
        return State(
            total=sum(self.splits.values()),
            done=sum(done.values()),
            failed=dict(self.failed),
            seconds_left=self._seconds_left(done),
            at_work=at_work,
            waiting=waiting,
        )

    def _seconds_left(self, done) -> float | None:
        if self._began is None:
            return None
        spent = left = 0.0
        for cell, cost in self._cost.items():
            share = done.get(cell, 0) / self.splits[cell]
            left += cost * (1 - share)
            if cell not in self._kept:
                spent += cost * share
        elapsed = self._clock() - self._began
        return elapsed * left / spent if spent > 0 and elapsed > 0 else None
