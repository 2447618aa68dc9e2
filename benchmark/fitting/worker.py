"""The worker's side of a fit: a process of its own that never sees a test label.

``python -m benchmark.fitting.worker REQUEST`` reads a request (method, hyper-parameter grid, a list
of splits without test labels), fits one split after another and leaves one outcome for each.  The
judge, :mod:`benchmark.fitting.driver`, watches from outside: limits, crashes and metrics are its
business.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
import traceback
from pathlib import Path

import numpy as np

import baselines
from baselines.contract import NOT_DONE
from benchmark import outputs, storage
from benchmark.fitting import given, tuning
from benchmark.fitting.confinement import begin_afresh, confine
from benchmark.fitting.jobs import end, jobs_of, leave, request_of

MESSAGE_LIMIT = 2000  # characters of a method's error message that are kept


def _fit_one(method, job, grid, all_rows=False) -> tuple[dict, dict, object]:
    """Fit one split; return (facts, arrays, the fitted estimator).

    ``all_rows``: what was chosen on the validation rows is fitted on them too in the end.
    """
    data = given.to_method(storage.read_arrays(job["data"]), method.frame)
    reason = method.skip and method.skip(job["task"], data["X_train"], data["y_train"])
    if reason:
        return {"status": "skipped", "error": {"class": NOT_DONE, "message": reason}}, {}, None
    method.build(job["task"], grid[0], job["seed"])  # heavy imports are not part of a fit's time
    choose = tuning.best_of_configurations if method.configurations else tuning.best_of_grid
    choose = tuning.on_all_rows if all_rows else choose
    start = time.perf_counter()
    chosen = choose(method, job["task"], grid, job["seed"], data)
    fitted = time.perf_counter()
    estimator = chosen.estimator
    data = given.joined(data) if all_rows else data
    known = {"prediction": np.asarray(estimator.predict(data["X_test"]))}
    done = time.perf_counter()
    info = dict(getattr(estimator, "fit_info_", {}))
    if chosen.tuning is not None:
        info["tuning"] = chosen.tuning
    if all_rows:
        info["validation_rows"] = "trained on"
    facts = {
        "status": "ok",
        "params": chosen.params,
        "info": info,
        "coef_is_local": bool(getattr(estimator, "coef_is_local_", False)),
        "fit_seconds": fitted - start,
        "chosen_fit_seconds": chosen.seconds,
        "predict_seconds": done - fitted,
    }
    return facts, outputs.read(estimator, data, job["task"], known), estimator


def _pickled(estimator) -> bytes | str:
    """The fitted estimator as bytes, or in words why it cannot be kept."""
    import cloudpickle  # also for classes that are made inside a function

    try:
        return cloudpickle.dumps(estimator)
    except Exception as error:  # whatever a method holds on to: a lock, a file, a handle of Julia
        return f"the fitted model cannot be kept: {type(error).__name__}: {error}"[:MESSAGE_LIMIT]


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
    request, folder = request_of(request_path)
    begin_afresh(folder, "import")
    method = baselines.load(request["method"])
    memory = _PeakMemory()
    confine(folder)
    for job in jobs_of(request, folder):
        memory.reset()
        arrays, estimator = {}, None
        try:
            begin_afresh(folder, str(job["split"]))
            facts, arrays, estimator = _fit_one(method, job, request["grid"], request["all_rows"])
            json.dumps(facts, allow_nan=False)
        except BaseException as error:  # a method may raise anything, SystemExit included
            traceback.print_exc()
            facts, arrays, estimator = _failed(error), {}, None
        facts["peak_memory_mb"] = memory.read()
        if estimator is not None and request["keep_models"]:
            model = _pickled(estimator)
            if isinstance(model, bytes):
                storage.write_bytes(folder / f"{job['split']}.model", model)
                facts["model_sha256"] = hashlib.sha256(model).hexdigest()
            else:
                facts["model_error"] = model
        leave(folder, job, facts, arrays)
    end()


if __name__ == "__main__":
    main(sys.argv[1])
