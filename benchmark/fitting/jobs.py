"""What a worker process takes from its judge, and what it leaves for it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmark import storage
from benchmark.fitting.confinement import die_with_parent


def request_of(path) -> tuple[dict, Path]:
    """A request, and its folder; the process is tied to the one that made it."""
    die_with_parent()
    request = json.loads(Path(path).read_text())
    return request, Path(request["folder"])


def jobs_of(request, folder: Path) -> Iterator[dict]:
    """One split's job after another; the judge and the log are told which is next."""
    for job in request["jobs"]:
        storage.write_text(folder / "progress", str(job["split"]))
        print(f"--- split {job['split']}", flush=True)
        yield job


def leave(folder: Path, job, facts: dict, arrays) -> None:
    """Write the outcome of a job; its facts last, and with them the checksum of its arrays."""
    if arrays:
        facts["arrays_sha256"] = storage.write_arrays(folder / f"{job['split']}.npz", arrays)
    storage.write_text(folder / f"{job['split']}.json", json.dumps(facts))


def end():
    """End the process: threads that a method left behind must not keep the judge waiting."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
