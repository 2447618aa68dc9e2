"""Watching a worker process from outside: time, memory, size of its log, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

POLL_SECONDS = 0.05
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
    """How a worker ended: ``status`` is "done", "timeout", "memory" or "died"."""

    status: str
    message: str = ""


def environment(folder: Path, root: Path) -> dict:
    """Environment of a worker: one thread, temporary files and caches in its own folder."""
    env = dict(os.environ, **{name: "1" for name in THREAD_VARIABLES})
    env |= {"TMPDIR": str(folder), "MPLCONFIGDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"PYTHONPATH": str(root), "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": ""}
    return env


def _megabytes(process: psutil.Process) -> float:
    total = 0
    try:
        for p in (process, *process.children(recursive=True)):
            total += p.memory_info().rss
    except psutil.Error:
        pass
    return total / 2**20


def _kill_tree(process: subprocess.Popen):
    """Kill the worker, its process group and whatever left the group."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        family = []
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for p in family:
        try:
            p.kill()
        except psutil.Error:
            pass
    process.wait()


def _death(code: int) -> str:
    if code < 0:
        return f"the worker was killed by {signal.Signals(-code).name}"
    return f"the worker ended with exit code {code} before it had finished"


def watch(request: Path, folder: Path, root: Path, log: Path, limits: Limits, mark) -> End:
    """Run ``python -m benchmark.worker`` on a request until it ends or passes a limit.

    Parameters
    ----------
    request : path of the request
    folder : the worker's working folder
    root : project root, put on the worker's PYTHONPATH
    log : file that its output is appended to, at most 2 MB of it
    limits : limits of one fit
    mark : callable without arguments; a change of its value starts a new fit's clock
    """
    command = [sys.executable, "-m", "benchmark.worker", str(request)]
    with open(log, "ab") as output:
        start_of_log = output.tell()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(folder, root),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return _watch(process, limits, mark, log, start_of_log)
        finally:
            _kill_tree(process)


def _watch(process, limits, mark, log, start_of_log) -> End:
    handle = psutil.Process(process.pid)
    seen, since = mark(), time.monotonic()
    while True:
        code = process.poll()
        if code is not None:
            return End("done") if code == 0 else End("died", _death(code))
        now = mark()
        if now != seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > limits.seconds:
            return End("timeout", f"stopped after the limit of {limits.seconds:g} s")
        if _megabytes(handle) > limits.memory_mb:
            return End("memory", f"stopped above the limit of {limits.memory_mb:g} MB")
        if log.stat().st_size - start_of_log > LOG_LIMIT:
            # the worker appends, so cutting the file is safe while it writes
            os.truncate(log, start_of_log + LOG_LIMIT // 2)
        time.sleep(POLL_SECONDS)
