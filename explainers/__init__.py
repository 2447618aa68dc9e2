"""Explanations of fitted models: one file each, all with the contract of `explainers.contract`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from baselines import _folder

FOLDER = Path(__file__).resolve().parent
NOT_EXPLAINERS = {"__init__", "contract", "model"}


def names() -> list[str]:
    """Names of all explainers: the files of this folder, private ones (``_*.py``) left out."""
    return _folder.names(FOLDER, NOT_EXPLAINERS)


@cache
def load(name: str):
    """Import one explainer's file and return its ``EXPLAINER``.

    Raises
    ------
    KeyError
        There is no such file.
    ValueError
        The file does not declare an ``EXPLAINER`` named as the file.
    """
    return _folder.load("explainers", name, names(), "explainer")
