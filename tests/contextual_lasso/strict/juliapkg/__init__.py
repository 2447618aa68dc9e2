"""A stand-in for juliapkg that answers, as the real one, under a lock in the Julia project."""

import os
from pathlib import Path


def _resolve():
    folder = project()
    os.makedirs(folder, exist_ok=True)
    os.close(os.open(Path(folder) / "lock.pid", os.O_RDWR | os.O_CREAT | os.O_TRUNC))


def executable():
    _resolve()
    if "PYTHON_JULIAPKG_EXE" not in os.environ:
        raise Exception("could not find Julia =1.10.4")
    return os.environ["PYTHON_JULIAPKG_EXE"]


def project():
    return os.environ["PYTHON_JULIAPKG_PROJECT"]
