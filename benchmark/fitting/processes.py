"""Watching a worker process from outside: time, memory, size of its log, and its end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

POLL_SECONDS = 0.05
FAMILY_SECONDS = 0.5  # looking for child processes means reading all of the system's
MAIN_PROCESS = "BENCHMARK_MAIN_PROCESS"  # variable that holds the process id of the workflow
BATCH = "BENCHMARK_BATCH"  # variable that is set in a job of a batch system
SURE_ATTEMPT = 3  # from this attempt of a job on, whatever ends a worker is the fit's own failure
# what batch systems end processes with, when a job is cancelled, out of time or out of memory
OUTSIDE = {signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM, signal.SIGXCPU}
LOG_LIMIT = 2_000_000  # bytes kept of what the methods of one job print
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "JULIA_NUM_THREADS",
)


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


def environment(folder: Path, root: Path, variables: Mapping[str, str]) -> dict:
    """Environment of a worker: one thread, temporary files and caches in its own folder.

    ``variables`` are what its method needs besides; they cannot change these.
    """
    env = dict(os.environ) | dict(variables) | {name: "1" for name in THREAD_VARIABLES}
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


class _Family:
    """A worker and every process that it started, however they tried to get away.

    Being a subreaper, this process becomes the parent of a worker's orphans, so that one which left
    the worker's process group is still found.
    """

    def __init__(self):
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        self.strangers = {p.pid for p in psutil.Process().children(recursive=True)}

    def members(self) -> list[psutil.Process]:
        found = psutil.Process().children(recursive=True)
        return [p for p in found if p.pid not in self.strangers]

    def kill(self, group: int):
        """Kill the worker's process group, then whatever left it, until nobody is there."""
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
        while members := self.members():
            for p in members:
                try:
                    p.kill()
                except psutil.Error:
                    pass
            psutil.wait_procs(members, timeout=1)


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
    """
    command = [sys.executable, "-m", module, str(request)]
    family = _Family()
    with open(log, "ab") as output:
        start_of_log = output.tell()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(folder, root, variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        guard = _start_guard(process.pid)
        family.strangers.add(guard.pid)
        try:
            return _watch(process, family, limits, mark, log, start_of_log)
        finally:
            family.kill(process.pid)
            process.wait()
            guard.kill()
            guard.wait()
            guard.stdin.close()
            _cut(log, start_of_log)


def _cut(log, start_of_log):
    """Keep the log small; the worker appends, so cutting is safe while it writes."""
    if log.stat().st_size - start_of_log > LOG_LIMIT:
        os.truncate(log, start_of_log + LOG_LIMIT // 2)


def _watch(process, family, limits, mark, log, start_of_log) -> End:
    members, looked = [psutil.Process(process.pid)], time.monotonic()
    seen, since = mark(), time.monotonic()
    while True:
        code = process.poll()
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
            members, looked = family.members(), time.monotonic()
        if _megabytes(members) > limits.memory_mb:
            return End("memory", f"stopped above the limit of {limits.memory_mb:g} MB")
        _cut(log, start_of_log)
        time.sleep(POLL_SECONDS)
