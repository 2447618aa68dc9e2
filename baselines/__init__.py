"""The methods: one file each, all with the contract of :mod:`baselines.contract`."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NOT_METHODS = {"__init__", "contract"}


def names() -> list[str]:
    """Names of all methods: the files of this folder, private ones (``_*.py``) left out."""
    stems = {p.stem for p in FOLDER.glob("*.py")} - NOT_METHODS
    return sorted(stem for stem in stems if not stem.startswith("_"))


@cache
def load(name: str):
    """Import one method's file and return its ``METHOD``.

    Raises
    ------
    KeyError
        There is no such file.
    ValueError
        The file does not declare a ``METHOD`` named as the file.
    """
    if name not in names():
        raise KeyError(f"no method {name!r}; there are: {', '.join(names())}")
    method = getattr(importlib.import_module(f"baselines.{name}"), "METHOD", None)
    if method is None or method.name != name:
        raise ValueError(f"baselines/{name}.py must define METHOD = Method(name={name!r}, ...)")
    return method
