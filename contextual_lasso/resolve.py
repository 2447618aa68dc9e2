"""Which backend a run uses: decided once, within seconds, and written down.

``python -m contextual_lasso.resolve --backend auto --output backend.json``
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from contextual_lasso import project
from contextual_lasso.project import Unavailable

BACKENDS = ("auto", "julia", "torch")
PINS = json.loads((Path(__file__).parent / "juliapkg.json").read_text())
COMMIT = PINS["packages"]["ContextualLasso"]["rev"]
JULIACALL = "juliacall==0.9.34"
PORT = "Or choose the port: backend 'torch'."
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
        ``package`` (the commit of ContextualLasso.jl, None for the port), ``reason``; and what a
        benchmark needs: ``params`` of the estimator, ``versions`` of what makes the numbers outside
        Python, ``environment`` (variables for a process that is to use what was found).

    Raises
    ------
    ValueError
        For an unknown word.
    RuntimeError
        If "julia" is asked for and is not there; the message says what is missing, where it was
        looked for, and what to do.
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
            "params": {"backend": "julia"},
            "versions": {
                "julia": found["julia"],
                "ContextualLasso.jl": found["commit"],
                **{f"{name}.jl": version for name, version in found["packages"].items()},
            },
            # told both, juliacall asks juliapkg nothing, which would take a lock in the project
            "environment": {
                "PYTHON_JULIACALL_EXE": found["executable"],
                "PYTHON_JULIACALL_PROJECT": found["project"],
            },
        }
    if backend == "julia":
        raise RuntimeError(f"The Julia backend is not available: {reason}. {reason.advice}. {PORT}")
    return _port(backend, f"Julia is not available: {reason}")


def _port(requested, reason):
    return {
        "requested": requested,
        "backend": "torch",
        "version": metadata.version("torch"),
        "package": None,
        "reason": reason,
        "params": {"backend": "torch"},
        "versions": {},
        "environment": {},
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
    """(what is there, as :func:`contextual_lasso.julia.installed` says, or None; reason).

    The reason is a text, or an :class:`contextual_lasso.project.Unavailable`, whose text it is.
    Asks once per process.  Only what is already on this machine counts: the question is put to a
    process of its own that may not download and that is ended after ``PROBE_SECONDS``.  Where Julia
    runs in this process already, it answers itself.
    """
    try:
        return _found(), "found through juliacall"
    except Unavailable as error:
        return None, error


def _found():
    loaded = sys.modules.get("contextual_lasso.julia")
    if loaded and loaded.session.cache_info().currsize:
        return _checked(loaded.installed())
    if importlib.util.find_spec("juliacall") is None:
        reason = "the Python package juliacall is not installed"
        start = "To install it (this downloads Julia and its packages): pip install "
        raise Unavailable(reason, f"{start}{JULIACALL} && {project.INSTALL}")
    project.check()
    environment = dict(os.environ, PYTHON_JULIAPKG_OFFLINE="yes", JULIA_PKG_OFFLINE="true")
    for name in project.VARIABLES[:4]:  # the process has another working folder
        value = environment.get(name, "")
        if os.sep in value or (value and name.endswith("PROJECT")):
            environment[name] = os.path.abspath(value)
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
        where = f"loading it took more than {PROBE_SECONDS} s ({project.described()})"
        once = "Load it once by hand, which may take longer: python -m contextual_lasso.julia probe"
        raise Unavailable(where, once) from None
    if probe.returncode:
        reason = cause(probe.stderr) or f"loading it ended with code {probe.returncode}"
        raise Unavailable(f"{reason} ({project.described()})", project.advice(reason))
    return _checked(json.loads(probe.stdout.splitlines()[-1]))


def cause(stderr) -> str:
    """The line that says what went wrong, of what Python and Julia said; "" if there is none.

    An error of Julia's is followed by hints and stack frames; what stopped PythonCall.jl is said
    before the exception of juliacall that says only that it stopped.
    """
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    raised = _after("juliacall.JuliaError:", lines)
    printed = _after("ERROR:", lines)
    if raised.startswith("Failed to precompile") and printed:
        raised += f": {printed}"
    last = lines[-1].removeprefix("Exception:") if lines else ""
    return (raised or printed or last).strip().rstrip(".:")


def _after(start, lines) -> str:
    """What follows a word at the start of a line, there or in the next line; "" if nothing does."""
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        if line.startswith(start):
            return line.removeprefix(start).strip() or following
    return ""


def _checked(found):
    commit = found["commit"]
    if commit is None:
        reason = f"no repo-rev says at which commit ContextualLasso is ({project.described()})"
        add = f"Add it to the project by url and rev {COMMIT}, as juliapkg.json does, not by path"
        raise Unavailable(reason, add)
    if not commit.startswith(COMMIT):
        reason = f"ContextualLasso.jl is installed at {commit}, not at {COMMIT}"
        raise Unavailable(f"{reason} ({project.described()})", project.advice())
    return found


def setup():
    """What decides which Julia would be found, read within milliseconds and without starting it.

    When it changes, the question has to be asked anew.

    Returns
    -------
    dict : ``juliacall`` (version or None), ``environment`` (the variables that point at a Julia),
        ``manifest`` (sha256 of the list of installed Julia packages, or None)
    """
    environment = {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(("PYTHON_JULIACALL_", "PYTHON_JULIAPKG_")) or name == "JULIA_DEPOT_PATH"
    }
    try:
        juliacall = metadata.version("juliacall")
    except metadata.PackageNotFoundError:
        juliacall = None
    try:
        manifest = (project.place()[0] / "Manifest.toml").read_bytes()
    except OSError:
        manifest = None
    sha256 = None if manifest is None else hashlib.sha256(manifest).hexdigest()
    return {"juliacall": juliacall, "environment": environment, "manifest": sha256}


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
