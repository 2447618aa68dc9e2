"""A folder of files that each declare one thing: its names, and a file's declaration."""

from __future__ import annotations

import importlib
from pathlib import Path


def names(folder: Path, others) -> list[str]:
    """Names of the files that declare something: private ones and ``others`` are left out."""
    stems = {p.stem for p in folder.glob("*.py")} - set(others)
    return sorted(stem for stem in stems if not stem.startswith("_"))


def load(package: str, name: str, known, kind: str):
    """What a file of a package declares, as a variable named like its kind in capitals.

    Raises
    ------
    KeyError
        There is no such file.
    ValueError
        The file declares nothing of its own name.
    """
    if name not in known:
        raise KeyError(f"no {kind} {name!r}; there are: {', '.join(known)}")
    variable = kind.upper()
    declared = getattr(importlib.import_module(f"{package}.{name}"), variable, None)
    if declared is None or declared.name != name:
        raise ValueError(
            f"{package}/{name}.py must define {variable} = {kind.capitalize()}(name={name!r}, ...)"
        )
    return declared
