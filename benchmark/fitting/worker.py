"""The worker's side of a fit: a process of its own that never sees a test label.

``python -m benchmark.fitting.worker REQUEST`` reads a request (method, hyper-parameter grid, a list
of splits without test labels), fits one split after another and leaves one outcome for each.  The
judge, :mod:`benchmark.fitting.driver`, watches from outside: limits, crashes and metrics are its
business.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

import numpy as np

import baselines
from benchmark import outputs, storage
from benchmark.fitting import tuning

ROOT = Path(__file__).resolve().parents[2]
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# audit events and how many of their first arguments are paths that would be changed
PATH_EVENTS = {
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.mkdir": 1,
    "os.truncate": 1,
    "os.link": 2,
    "os.symlink": 2,
    "os.chmod": 1,
    "os.chown": 1,
    "os.utime": 1,
    "shutil.rmtree": 1,
}
MESSAGE_LIMIT = 2000  # characters of a method's error message that are kept


class WriteOutsideFolder(PermissionError):
    """A method tried to write outside the folder it was given."""


class ReadOfJudgesFiles(PermissionError):
    """A method tried to read the splits or the results."""


def _die_with_parent():
    """No orphan goes on computing when the judge is killed."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def _confine(folder: Path):
    """Refuse Python-level writes outside ``folder`` and reads of the judge's files."""
    allowed = (str(folder.resolve()) + os.sep, "/dev/")
    closed = tuple(str(ROOT / name) + os.sep for name in ("data", "results"))
    allowed_in_closed = str(folder.resolve()) + os.sep

    def check(path):
        if isinstance(path, int) or path is None:
            return
        full = os.path.realpath(os.fsdecode(path))
        if not (full + os.sep).startswith(allowed):
            raise WriteOutsideFolder(f"a method may write in its own folder only, not to {full}")

    def hook(event, args):
        if event == "open":
            path, mode, flags = args
            writes = any(c in mode for c in "wax+") if isinstance(mode, str) else False
            if writes or (isinstance(flags, int) and flags & WRITE_FLAGS):
                check(path)
            elif isinstance(path, str | bytes):
                full = os.path.realpath(os.fsdecode(path))
                if full.startswith(closed) and not full.startswith(allowed_in_closed):
                    raise ReadOfJudgesFiles(f"a method may not read {full}")
        elif event in PATH_EVENTS:
            for path in args[: PATH_EVENTS[event]]:
                check(path)

    sys.addaudithook(hook)


def _fit_one(method, job, grid) -> tuple[dict, dict]:
    """Fit one split; return (facts, arrays)."""
    data = storage.read_arrays(job["data"])
    method.build(job["task"], grid[0], job["seed"])  # heavy imports are not part of a fit's time
    choose = tuning.best_of_configurations if method.configurations else tuning.best_of_grid
    start = time.perf_counter()
    chosen = choose(method, job["task"], grid, job["seed"], data)
    fitted = time.perf_counter()
    estimator = chosen.estimator
    known = {"prediction": np.asarray(estimator.predict(data["X_test"]))}
    done = time.perf_counter()
    info = dict(getattr(estimator, "fit_info_", {}))
    if chosen.tuning is not None:
        info["tuning"] = chosen.tuning
    facts = {
        "status": "ok",
        "params": chosen.params,
        "info": info,
        "coef_is_local": bool(getattr(estimator, "coef_is_local_", False)),
        "fit_seconds": fitted - start,
        "chosen_fit_seconds": chosen.seconds,
        "predict_seconds": done - fitted,
    }
    return facts, outputs.read(estimator, data, job["task"], known)


def _failed(error) -> dict:
    """Facts of a fit that raised."""
    status = "memory" if isinstance(error, MemoryError) else "error"
    text = str(error) or ("memory ran out" if status == "memory" else "no message")
    if len(text) > MESSAGE_LIMIT:
        text = f"{text[:MESSAGE_LIMIT]} ... ({len(text)} characters)"
    return {
        "status": status,
        "error": {"class": type(error).__name__, "message": text},
        "traceback": traceback.format_exc()[-2 * MESSAGE_LIMIT :],
    }


class _PeakMemory:
    """Peak resident memory of this process since the last ``reset``, in MB.

    Linux counts anew for each fit; elsewhere it is the peak since the process began.
    """

    def __init__(self):
        try:
            self._switch = open("/proc/self/clear_refs", "w")  # noqa: SIM115
        except OSError:
            self._switch = None

    def reset(self):
        try:
            self._switch.write("5")
            self._switch.flush()
        except (AttributeError, OSError):
            self._switch = None

    def read(self) -> float:
        if self._switch is not None:
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(request_path):
    """Work through a request."""
    _die_with_parent()
    request = json.loads(Path(request_path).read_text())
    folder = Path(request["folder"])
    method = baselines.load(request["method"])
    memory = _PeakMemory()
    _confine(folder)
    for job in request["jobs"]:
        storage.write_text(folder / "progress", str(job["split"]))
        print(f"--- split {job['split']}", flush=True)
        memory.reset()
        arrays = {}
        try:
            facts, arrays = _fit_one(method, job, request["grid"])
            json.dumps(facts, allow_nan=False)
        except BaseException as error:  # a method may raise anything, SystemExit included
            traceback.print_exc()
            facts, arrays = _failed(error), {}
        facts["peak_memory_mb"] = memory.read()
        if arrays:
            facts["arrays_sha256"] = storage.write_arrays(folder / f"{job['split']}.npz", arrays)
        storage.write_text(folder / f"{job['split']}.json", json.dumps(facts))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # threads that a method left behind must not keep the judge waiting


if __name__ == "__main__":
    main(sys.argv[1])
