"""How well a set of features is found."""

from __future__ import annotations

import numpy as np


def precision_recall_f1(found, truth) -> tuple[float, float, float]:
    """Support recovery.

    ``found`` and ``truth`` are (d,) bool.  Nothing found is precise (1), nothing to be found is
    recalled (1); F1 is the harmonic mean of the two, 0 if both are 0.
    """
    hits = int(np.sum(found & truth))
    precision = hits / found.sum() if found.any() else 1.0
    recall = hits / truth.sum() if truth.any() else 1.0
    total = precision + recall
    return float(precision), float(recall), float(2 * precision * recall / total if total else 0.0)


def precision(found, truth) -> float:
    """Share of what was found that is true."""
    return precision_recall_f1(found, truth)[0]


def recall(found, truth) -> float:
    """Share of what is true that was found."""
    return precision_recall_f1(found, truth)[1]


def f1(found, truth) -> float:
    """Harmonic mean of precision and recall."""
    return precision_recall_f1(found, truth)[2]


def exact(found, truth) -> float:
    """1 where exactly the truth was found, else 0."""
    return float(np.array_equal(found, truth))
