"""The methods: one file each, all with the contract of :mod:`baselines.contract`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from baselines import _folder

FOLDER = Path(__file__).resolve().parent
NOT_METHODS = {"__init__", "contract"}


def names() -> list[str]:
    """Names of all methods: the files of this folder, private ones (``_*.py``) left out."""
    return _folder.names(FOLDER, NOT_METHODS)


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
    return _folder.load("baselines", name, names(), "method")
