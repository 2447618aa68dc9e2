"""Watching a worker process from outside: time, memory, size of its log, and its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmark import threads
from benchmark.fitting import forks

POLL_SECONDS = 0.05
FAMILY_SECONDS = 0.5  # looking for child processes means reading all of the system's
MAIN_PROCESS = "BENCHMARK_MAIN_PROCESS"  # variable that holds the process id of the workflow
BATCH = "BENCHMARK_BATCH"  # variable that is set in a job of a batch system
SURE_ATTEMPT = 3  # from this attempt of a job on, whatever ends a worker is the fit's own failure
# what batch systems end processes with, when a job is cancelled, out of time or out of memory
OUTSIDE = {signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM, signal.SIGXCPU}
LOG_LIMIT = 2_000_000  # bytes kept of what the methods of one job print


# The C library gives a large array back to the system when it is freed, and the next one like it
# comes page by page, zeroed. A network allocates the same arrays in every step, and a fifth of its
# time went there. So what is freed is kept for the next step: no more memory at the peak.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**40)}


@dataclass(frozen=True)
class Limits:
    """Limits of one fit: wall-clock seconds, megabytes of the process and its children."""

    seconds: float
    memory_mb: float


@dataclass(frozen=True)
class End:
    """How a worker ended: ``status`` is "done", "timeout", "memory" or "died" (of a signal?)."""

    status: str
    message: str = ""
    signal: int | None = None


def environment(folder, root, variables: Mapping[str, str] | None = None) -> dict:
    """Environment of a worker: one thread, memory kept, temporary files in its own folder.

    ``variables`` are what its method needs besides; they cannot change these.
    """
    env = dict(os.environ) | dict(variables or {}) | threads.ONE
    env |= KEEP_MEMORY
    env |= {"TMPDIR": str(folder), "MPLCONFIGDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"PYTHONPATH": str(root), "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": ""}
    return env


class MainProcessGone(RuntimeError):
    """The workflow that this job belongs to was killed."""


class KilledFromOutside(RuntimeError):
    """A batch system ended a worker: that says nothing about the fit, and the job comes again."""


def comes_again(attempt: int) -> bool:
    """Whether a job that fails now is submitted again: one on a cluster, and not for long."""
    return BATCH in os.environ and attempt < SURE_ATTEMPT


class Spawned:
    """A worker that is started as a process from scratch.

    This process becomes the parent of the worker's orphans, so that one which left the worker's
    process group is still found.
    """

    def __init__(self, module, request, folder, env, output):
        forks.adopt_orphans()
        self.strangers = {p.pid for p in psutil.Process().children(recursive=True)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, str(request)],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.pid = self.process.pid
        self.guard = _start_guard(self.pid)
        self.strangers.add(self.guard.pid)

    def poll(self) -> int | None:
        return self.process.poll()

    def members(self) -> list[psutil.Process]:
        found = psutil.Process().children(recursive=True)
        return [p for p in found if p.pid not in self.strangers]

    def end(self):
        forks.kill(self.pid, self.members)
        self.process.wait()
        self.guard.kill()
        self.guard.wait()
        self.guard.stdin.close()


def _megabytes(processes) -> float:
    total = 0
    for p in processes:
        try:
            total += p.memory_info().rss
        except psutil.Error:
            pass
    return total / 2**20


def _start_guard(group: int) -> subprocess.Popen:
    """A shell that kills the worker's process group when this process dies, even by kill -9."""
    return subprocess.Popen(
        ["sh", "-c", f"read _; kill -9 -{group}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _check_main_process():
    """Stop when the workflow was killed: what goes on now would run beside its next start."""
    pid = os.environ.get(MAIN_PROCESS)
    if pid is None:
        return
    try:
        alive = psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        alive = False
    if not alive:
        raise MainProcessGone(f"the workflow (process {pid}) is gone; stopping")


def _death(code: int) -> str:
    if code < 0:
        return f"the worker was killed by {signal.Signals(-code).name}"
    return f"the worker ended with exit code {code} before it had finished"


def watch(
    module: str,
    request: Path,
    folder: Path,
    root: Path,
    log: Path,
    limits: Limits,
    mark,
    variables=None,
    server: str | None = None,
) -> End:
    """Run ``python -m <module>`` on a request until it ends or passes a limit.

    Parameters
    ----------
    module : what is run
    request : path of the request
    folder : the worker's working folder
    root : project root, put on the worker's PYTHONPATH
    log : file that its output is appended to, at most 2 MB of it
    limits : limits of one fit
    mark : callable without arguments; a change of its value starts a new fit's clock
    variables : further environment variables of the worker
    server : name of the server in ``benchmark.fitting.forks`` that forks the worker, where there is
        one and no further variable, which might count from the start of an interpreter
    """
    env = environment(folder, root, variables)
    with open(log, "ab") as output:
        start_of_log = output.tell()
        worker = None
        if server and not variables:
            with contextlib.suppress(forks.NoServer):
                worker = forks.Forked(server, module, request, folder, env, output)
        worker = worker or Spawned(module, request, folder, env, output)
        try:
            return _watch(worker, limits, mark, log, start_of_log)
        finally:
            worker.end()
            _cut(log, start_of_log)


def _cut(log, start_of_log):
    """Keep the log small; the worker appends, so cutting is safe while it writes."""
    if log.stat().st_size - start_of_log > LOG_LIMIT:
        os.truncate(log, start_of_log + LOG_LIMIT // 2)


def _watch(worker, limits, mark, log, start_of_log) -> End:
    members, looked = worker.members(), time.monotonic()
    seen, since = mark(), time.monotonic()
    while True:
        code = worker.poll()
        if code is not None:
            by = -code if code < 0 else None
            return End("done") if code == 0 else End("died", _death(code), by)
        now = mark()
        if now != seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > limits.seconds:
            return End("timeout", f"stopped after the limit of {limits.seconds:g} s")
        if time.monotonic() - looked > FAMILY_SECONDS:
            _check_main_process()
            members, looked = worker.members(), time.monotonic()
        if _megabytes(members) > limits.memory_mb:
            return End("memory", f"stopped above the limit of {limits.memory_mb:g} MB")
        _cut(log, start_of_log)
        time.sleep(POLL_SECONDS)
