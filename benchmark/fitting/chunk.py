"""Jobs handed to one worker process after another until each has an outcome."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmark import ROOT, storage
from benchmark.fitting import processes

LOG_TAIL = 4000  # characters of a worker's output kept with the outcome of a job that ended it


def outcome(folder, index) -> tuple[dict, dict] | None:
    """(facts, arrays) that a worker has left of a job; None if there is no whole one."""
    try:
        facts = json.loads((folder / f"{index}.json").read_text())
        sha256 = facts.get("arrays_sha256")
        return facts, storage.read_arrays(folder / f"{index}.npz", sha256) if sha256 else {}
    except (OSError, ValueError):
        return None


@dataclass
class Chunk:
    """What the jobs of a chunk share.

    Parameters
    ----------
    module : str
        What the worker runs: ``python -m <module> REQUEST``.
    request : mapping
        What the worker is told besides its jobs.
    prepare : callable (index, folder) -> dict
        Puts what one job needs into the worker's folder, and says where.
    keep : callable (index, folder) -> bool
        Takes the outcome of a finished job out of the folder; False if there is no whole one.
    blame : callable (index, facts)
        Takes the outcome of a job that ended the worker.
    log : path
    limits : benchmark.fitting.processes.Limits
        Of one job.
    variables : mapping
        Further environment variables of the worker.
    server : str, optional
        Name of the server that forks the worker, where there is one
        (:mod:`benchmark.fitting.forks`).
    again : bool
        Whether a job that is ended from outside is submitted again.
    """

    module: str
    request: Mapping
    prepare: Callable[[int, Path], dict]
    keep: Callable[[int, Path], bool]
    blame: Callable[[int, dict], None]
    log: Path
    limits: processes.Limits
    variables: Mapping[str, str] = field(default_factory=dict)
    server: str | None = None
    again: bool = False

    def work_off(self, indices):
        """One worker after another until every job has an outcome.

        Raises
        ------
        benchmark.fitting.processes.KilledFromOutside
            A batch system ended a worker, and the job comes again.
        """
        todo = list(indices)
        while todo:
            folder = Path(tempfile.mkdtemp(prefix="fit-"))
            start_of_log = self.log.stat().st_size
            try:
                end, at, todo = self.run_worker(folder, todo)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            if todo and self.again and end.signal in processes.OUTSIDE:
                raise processes.KilledFromOutside(f"{end.message}; what is finished is kept")
            if todo:
                # the job at work when the worker ended takes the blame, the others go on
                blamed = at if at in todo else todo[0]
                self.blame(blamed, self._facts(end, start_of_log))
                todo.remove(blamed)

    def run_worker(self, folder, todo):
        """Run a worker; return how it ended, the job it was at, and the jobs that are left."""
        jobs = [{"split": index} | self.prepare(index, folder) for index in todo]
        request = folder / "request.json"
        content = {"folder": str(folder), "jobs": jobs} | self.request
        storage.write_text(request, json.dumps(content))
        left = list(todo)

        def collect():
            """Take what is finished at once, so that a kill costs the job at work and no other."""
            for index in [i for i in left if (folder / f"{i}.json").exists()]:
                if self.keep(index, folder):
                    left.remove(index)

        def mark():
            collect()
            try:
                return (folder / "progress").read_text()
            except OSError:
                return ""

        end = processes.watch(
            self.module,
            request,
            folder,
            ROOT,
            self.log,
            self.limits,
            mark,
            self.variables,
            self.server,
        )
        at = mark()
        return end, int(at) if at else None, left

    def _facts(self, end, start_of_log) -> dict:
        with open(self.log, "rb") as log:
            log.seek(start_of_log)
            tail = log.read().decode(errors="replace")[-LOG_TAIL:]
        if end.status in ("timeout", "memory"):
            error = {"class": end.status, "message": end.message}
            return {"status": end.status, "error": error, "traceback": tail}
        message = end.message or "the worker ended without an outcome"
        error = {"class": "WorkerDied", "message": message}
        return {"status": "error", "error": error, "traceback": tail}
