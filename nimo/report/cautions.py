"""What a reader should be wary of."""

from __future__ import annotations

from typing import Any

import numpy as np

from nimo.plus.terms import Key, key_of
from nimo.report.parts import Part, anchored

#: Rows for each feature of the model below which its terms are called unsure (Harrell, Regression
#: Modeling Strategies, 2015, section 4.4).
ROWS_PER_FEATURE = 10
#: Rows below which an error on them is called unsure.
ROWS_OF_AN_ERROR = 30
#: Weight of the structures that have a term, below which more of it is absent than present.
UNSURE_WEIGHT = 0.5
#: Spread of the predictor between structures, as a share of its spread over the rows.
DISAGREEMENT = 0.25
NAMED = 5


def weights(model: Any) -> dict[Key, float]:
    """Of each term the summed weight of the structures that have it; empty without structures."""
    found: dict[Key, float] = {}
    for one in model.model_.members if anchored(model) else ():
        keys: set[Key] = set()
        for piece in one.pieces:
            if piece.straight:
                keys |= {("line", (int(j),)) for j in piece.features}
            else:
                keys.add(key_of(piece))
        for key in keys:
            found[key] = found.get(key, 0.0) + float(one.share)
    return found


def disagreement(model: Any, rows: np.ndarray) -> float | None:
    """How far structures differ in rows (n, d), over how far the predictor differs between rows."""
    if not anchored(model) or len(model.model_.members) < 2:
        return None
    shares, means, _ = model.model_.by_member(rows)
    mean = np.tensordot(shares, means, 1)
    between = np.sqrt(np.tensordot(shares, (means - mean) ** 2, 1).mean())
    across = float(mean.std())
    return float(between / across) if across > 0 else None


def outside(parts: list[Part], rows: np.ndarray) -> np.ndarray:
    """Whether a value lies beyond all that training has seen, or is a new level; (n, d) bool."""
    low = np.fmin.reduce([one.model._range[0] for one in parts])
    high = np.fmax.reduce([one.model._range[1] for one in parts])
    return (rows < low) | (rows > high)


def cautions(
    parts: list[Part], rows: np.ndarray, used: np.ndarray, errors: list[dict[str, Any]]
) -> list[dict[str, str]]:
    """Kind and text of each.

    Parameters
    ----------
    parts : models of one predictor
    rows : (n, d), validated
    used : numbers of the features in the model
    errors : of the model and of a constant
    """
    found: list[tuple[str, str]] = []
    first, names = parts[0].model, parts[0].model._names()
    n = first._n_rows
    if not len(used):
        found.append(("empty", "No feature is in the model: it is a constant."))
    elif n < ROWS_PER_FEATURE * len(used):
        found.append(
            (
                "few rows",
                f"Few rows: {n} training rows for {len(used)} features in the model. Which terms "
                "there are may change with other rows.",
            )
        )
    if len(rows) < ROWS_OF_AN_ERROR:
        found.append(("error of few rows", f"The errors are those of {len(rows)} rows only."))
    if errors[0]["model"] >= errors[0]["constant"]:
        found.append(
            ("no better", f"On these rows the {errors[0]['name']} is not below a constant's.")
        )
    beyond = outside(parts, rows)[:, used]
    if beyond.any():
        counts = beyond.sum(axis=0)
        order = [k for k in np.argsort(-counts, kind="stable") if counts[k]]
        told = _listed([f"{names[used[k]]} ({counts[k]})" for k in order])
        found.append(
            (
                "extrapolation",
                f"{beyond.any(axis=1).sum()} of {len(rows)} rows lie outside the range of the "
                f"training rows, where the model extrapolates: {told}.",
            )
        )
    # the structures are those of all classes, what they say is of each
    unstable = _unsure(first) + [text for one in parts for text in _disagreeing(one, rows)]
    found += [("unstable", text) for text in unstable]
    return [{"kind": kind, "text": text} for kind, text in found]


def _unsure(model: Any) -> list[str]:
    names, own = model._names(), weights(model)
    unsure = sorted((key for key in own if own[key] < UNSURE_WEIGHT), key=lambda key: own[key])
    if not unsure:
        return []
    told = _listed([f"{kind} {', '.join(names[j] for j in of)}" for kind, of in unsure])
    return [
        f"{len(unsure)} of {len(own)} terms are absent from structures that weigh more than half: "
        f"{told}."
    ]


def _disagreeing(part: Part, rows: np.ndarray) -> list[str]:
    ratio = disagreement(part.model, rows)
    if ratio is None or ratio <= DISAGREEMENT:
        return []
    of = "" if part.label is None else f" (class {part.label})"
    return [
        f"The structures disagree{of}: between them the predictor differs by {ratio:.0%} of its "
        "standard deviation over the rows."
    ]


def _listed(words: list[str]) -> str:
    more = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" and {more} more" if more > 0 else "")
