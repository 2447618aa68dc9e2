"""Which backend a run uses: decided once, within seconds, and written down.

``python -m contextual_lasso.resolve --backend auto --output backend.json``
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

BACKENDS = ("auto", "julia", "torch")
PINS = json.loads((Path(__file__).parent / "juliapkg.json").read_text())
COMMIT = PINS["packages"]["ContextualLasso"]["rev"]
MEND = (
    "To install it (this downloads Julia and its packages): pip install juliacall==0.9.34 && "
    "python -m contextual_lasso.julia install.  Or choose the port: backend 'torch'."
)
# Loading an installed package takes about ten seconds, a first precompilation some minutes;
# nothing here waits for a network.
PROBE_SECONDS = 300


def resolve(backend="auto"):
    """Decide on a backend.

    Parameters
    ----------
    backend : {"auto", "julia", "torch"}
        "auto" takes Julia where it is installed and the port where not; "torch" never asks.

    Returns
    -------
    dict : ``requested``, ``backend`` ("julia" or "torch"), ``version`` of Julia or torch,
        ``package`` (the commit of ContextualLasso.jl, None for the port), ``reason``.

    Raises
    ------
    ValueError
        For an unknown word.
    RuntimeError
        If "julia" is asked for and is not there; the message says how to mend it.
    """
    if backend not in BACKENDS:
        raise ValueError(f"backend must be one of {BACKENDS}, got {backend!r}")
    if backend == "torch":
        return _port(backend, "the port was asked for")
    found, reason = find_julia()
    if found:
        return {
            "requested": backend,
            "backend": "julia",
            "version": found["julia"],
            "package": found["commit"],
            "reason": reason,
        }
    if backend == "julia":
        raise RuntimeError(f"The Julia backend is not available: {reason}.  {MEND}")
    return _port(backend, f"Julia is not available: {reason}")


def _port(requested, reason):
    from importlib.metadata import version

    return {
        "requested": requested,
        "backend": "torch",
        "version": version("torch"),
        "package": None,
        "reason": reason,
    }


def load(backend):
    """The function ``fit_path`` of a resolved backend."""
    if backend == "julia":
        from contextual_lasso.julia import fit_path
    else:
        from contextual_lasso.path import fit_path
    return fit_path


@lru_cache(maxsize=1)
def find_julia():
    """({"julia": version, "commit": commit} or None, reason); asks once per process.

    Only what is already on this machine counts: the question is put to a process of its own that
    may not download and that is ended after ``PROBE_SECONDS``.
    """
    if importlib.util.find_spec("juliacall") is None:
        return None, "the Python package juliacall is not installed"
    environment = dict(os.environ, PYTHON_JULIAPKG_OFFLINE="yes", JULIA_PKG_OFFLINE="true")
    command = [sys.executable, "-m", "contextual_lasso.julia", "probe"]
    try:
        probe = subprocess.run(
            command,
            env=environment,
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return None, f"loading it took more than {PROBE_SECONDS} s"
    if probe.returncode:
        lines = probe.stderr.strip().splitlines()
        return None, lines[-1] if lines else f"loading it ended with code {probe.returncode}"
    found = json.loads(probe.stdout.splitlines()[-1])
    if found["commit"] is None or not found["commit"].startswith(COMMIT):
        return None, f"ContextualLasso.jl is installed at {found['commit']}, not at {COMMIT}"
    return found, "found through juliacall"


def main(arguments=None):
    """Write the decision as JSON; exit code 1 where it cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m contextual_lasso.resolve", description=__doc__)
    parser.add_argument("--backend", choices=BACKENDS, default="auto")
    parser.add_argument("--output", type=Path, help="file to write; standard output if not given")
    options = parser.parse_args(arguments)
    try:
        text = json.dumps(resolve(options.backend), indent=2, sort_keys=True) + "\n"
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    if options.output is None:
        print(text, end="")
    else:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
