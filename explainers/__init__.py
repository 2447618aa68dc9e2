"""Explanations of fitted models: one file each, all with the contract of `explainers.contract`."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NOT_EXPLAINERS = {"__init__", "contract", "model"}


def names() -> list[str]:
    """Names of all explainers: the files of this folder, private ones (``_*.py``) left out."""
    stems = {p.stem for p in FOLDER.glob("*.py")} - NOT_EXPLAINERS
    return sorted(stem for stem in stems if not stem.startswith("_"))


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
    if name not in names():
        raise KeyError(f"no explainer {name!r}; there are: {', '.join(names())}")
    explainer = getattr(importlib.import_module(f"explainers.{name}"), "EXPLAINER", None)
    if explainer is None or explainer.name != name:
        raise ValueError(f"explainers/{name}.py must define EXPLAINER = Explainer(name={name!r})")
    return explainer
