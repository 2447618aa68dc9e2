"""A machine on which the stand-in of ``strict/`` is installed, with a Julia and its project."""

import os
from pathlib import Path

STRICT = Path(__file__).parent / "strict"
COMMIT = "81e2b34"


class Machine:
    """A Julia, a project with the package, and the variables that point at both.

    Parameters
    ----------
    folder : Path, made if missing
    version : str, of Julia
    commit, flux : str, of the package and of one that it uses
    """

    def __init__(self, folder, version="1.10.4", commit=COMMIT, flux="0.16.10"):
        self.executable = folder / "julia" / "bin" / "julia"
        self.project = folder / "project"
        self.executable.parent.mkdir(parents=True, exist_ok=True)
        self.project.mkdir(exist_ok=True)
        self.install(version, commit, flux)

    def install(self, version="1.10.4", commit=COMMIT, flux="0.16.10"):
        """Put this Julia and these packages in the place of what is there."""
        folder = self.executable.parent
        self.executable.write_text(f"#!/bin/sh\necho {version} {folder}\n")
        self.executable.chmod(0o755)
        (self.project / "Manifest.toml").write_text(
            f'julia_version = "{version}"\n'
            f'[[deps.ContextualLasso]]\nrepo-rev = "{commit}"\nversion = "0.2.0"\n'
            f'[[deps.Flux]]\nversion = "{flux}"\n'
            f'[[deps.PythonCall]]\nversion = "0.9.34"\n'
        )

    def variables(self, told=False):
        """Environment in which Julia is found through juliapkg or, if ``told``, without."""
        exe, project = str(self.executable), str(self.project)
        path = f"{STRICT}{os.pathsep}{Path(__file__).parents[2]}"
        found = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        if told:
            return found | {"PYTHON_JULIACALL_EXE": exe, "PYTHON_JULIACALL_PROJECT": project}
        return found | {
            "PYTHON_JULIAPKG_EXE": exe,
            "PYTHON_JULIAPKG_PROJECT": project,
            "PYTHON_JULIAPKG_OFFLINE": "yes",
        }
