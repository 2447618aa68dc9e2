"""Where Julia and its packages are looked for, and what is wrong there, without starting Julia.

The rules are those of juliacall 0.9.34 and juliapkg; what they cannot read is left to them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tomllib
from pathlib import Path

INSTALL = "python -m contextual_lasso.julia install"
GET = f"To install it (this downloads Julia and its packages): {INSTALL}"
JULIACALL = ("PYTHON_JULIACALL_EXE", "PYTHON_JULIACALL_PROJECT")
VARIABLES = (*JULIACALL, "PYTHON_JULIAPKG_EXE", "PYTHON_JULIAPKG_PROJECT", "JULIA_DEPOT_PATH")


class Unavailable(Exception):
    """Why Julia cannot be used here.

    Attributes
    ----------
    advice : str, what to do about it
    """

    def __init__(self, reason, advice):
        super().__init__(reason)
        self.advice = advice


def bypasses_juliapkg() -> bool:
    """Whether juliacall is told Julia and the project itself."""
    return all(name in os.environ for name in JULIACALL)


def place() -> tuple[Path, str | None]:
    """The folder of Julia's packages, and the variable that names it (None: by default)."""
    for name in ("PYTHON_JULIACALL_PROJECT", "PYTHON_JULIAPKG_PROJECT"):
        if os.environ.get(name):
            return Path(os.environ[name]), name
    virtual = sys.prefix if sys.prefix != sys.base_prefix else os.environ.get("CONDA_PREFIX")
    if virtual:
        return Path(virtual) / "julia_env", None
    depot = os.environ.get("JULIA_DEPOT_PATH", "").split(os.pathsep)[0] or Path.home() / ".julia"
    return Path(depot) / "environments" / "pyjuliapkg", None


def described() -> str:
    """The variables that point at a Julia, or the folder where its packages are by default."""
    told = [f"{name}={os.environ[name]}" for name in VARIABLES if name in os.environ]
    folder, variable = place()
    return ", ".join(told if variable else [*told, f"project {folder}"])


def advice(reason="") -> str:
    """What to do where Julia does not start with what it finds, or finds not enough."""
    if "does not seem to be installed" in reason and "JULIA_DEPOT_PATH" in os.environ:
        return "Check JULIA_DEPOT_PATH: Julia looks there for what the project names"
    if "could not find Julia" in reason:
        return f"{GET}. Or name one that is there: PYTHON_JULIAPKG_EXE"
    if bypasses_juliapkg():
        return f"Check {' and '.join(JULIACALL)}; the project needs the packages of juliapkg.json"
    told = [n for n in VARIABLES if n in os.environ and n not in JULIACALL]
    if not told:
        return GET
    return f"Check {' and '.join(told)}, or add what is missing there: {INSTALL}"


def check():
    """Look at what the variables name, and at the project.

    Raises
    ------
    Unavailable
        There is no such program, folder or package list, or it does not list the package.
    """
    told = [name in os.environ for name in JULIACALL]
    if any(told) and not all(told):
        there, missing = sorted(JULIACALL, key=lambda name: name not in os.environ)
        raise Unavailable(f"{there} is set and {missing} is not", "Set both, or neither")
    _check_program("PYTHON_JULIACALL_EXE" if all(told) else "PYTHON_JULIAPKG_EXE")
    _check_depot()
    folder, variable = place()
    if variable == "PYTHON_JULIAPKG_PROJECT" and not folder.is_absolute():
        raise Unavailable(f'{variable}="{folder}" is not an absolute path', f"Check {variable}")
    if not folder.is_dir():
        if variable:
            reason = f'{variable}="{folder}": there is no such folder'
            raise Unavailable(reason, f"Check {variable}")
        raise Unavailable(f"its packages are not installed: there is no {folder}", GET)
    _check_manifest(folder)


def _check_program(name):
    value = os.environ.get(name)
    if value is not None and shutil.which(value) is None:
        raise Unavailable(f'{name}="{value}": there is no such program', f"Check {name}")


def _check_depot():
    value = os.environ.get("JULIA_DEPOT_PATH", "")
    folders = value.split(os.pathsep)
    if all(folders) and not any(Path(folder).is_dir() for folder in folders):
        reason = f'JULIA_DEPOT_PATH="{value}": there is no such folder'
        raise Unavailable(reason, "Check JULIA_DEPOT_PATH")


def _check_manifest(folder):
    try:
        packages = tomllib.loads((folder / "Manifest.toml").read_text()).get("deps", {})
    except FileNotFoundError:
        raise Unavailable(f"the project {folder} has no Manifest.toml", advice()) from None
    except (OSError, ValueError) as error:
        reason = f"{folder / 'Manifest.toml'} cannot be read: {error}"
        raise Unavailable(reason, "Mend it, or delete it and install anew: " + INSTALL) from None
    if "ContextualLasso" not in packages:
        raise Unavailable(f"ContextualLasso is not in the project {folder}", advice())


@contextlib.contextmanager
def restored_on_failure():
    """Put the files that describe the project back where what is done here fails.

    What has been downloaded beside them (Julia itself) stays, for the next attempt.
    """
    folder, _ = place()
    new = [path for path in (folder / "pyjuliapkg", folder, *folder.parents) if not path.exists()]
    before = {path: path.read_bytes() for path in _files(folder)}
    try:
        yield
    except BaseException:
        for path in _files(folder):
            if path not in before:
                path.unlink()
        for path, content in before.items():
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
        for path in new:
            with contextlib.suppress(OSError):  # something was downloaded into it
                path.rmdir()
        raise


def _files(folder):
    kept = (folder, folder / "pyjuliapkg")
    return [path for each in kept if each.is_dir() for path in each.iterdir() if path.is_file()]
