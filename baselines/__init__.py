"""The methods: one file each, all with the contract of :mod:`baselines.contract`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from baselines import _folder
from baselines._named import FORMER, base, canonical, file_id, parse, with_params

__all__ = ["FORMER", "base", "canonical", "file_id", "load", "names", "parse"]

FOLDER = Path(__file__).resolve().parent
NOT_METHODS = {"__init__", "contract"}


def names() -> list[str]:
    """Names of all methods: the files of this folder, private ones (``_*.py``) left out."""
    return _folder.names(FOLDER, NOT_METHODS)


@cache
def load(name: str):
    """Import one method's file and return its ``METHOD``, with the parameters that ``name`` sets.

    Raises
    ------
    KeyError
        There is no such file.
    ValueError
        The file does not declare a ``METHOD`` named as the file, or the parameters are not its.
    """
    file, params = parse(name)
    method = _folder.load("baselines", file, names(), "method")
    return with_params(method, name) if params else method
