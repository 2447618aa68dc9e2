"""A model as models of one predictor each, which all reading methods take."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any, NamedTuple

from nimo.plus.model import AnchoredModel


class Part(NamedTuple):
    """A fitted model of one predictor; ``label`` is its class where there are more than two."""

    label: str | None
    model: Any


def parts_of(model: Any) -> list[Part]:
    """One part; with K > 2 classes one for each."""
    if hasattr(model, "estimators_"):
        pairs = zip(model.classes_, model.estimators_, strict=True)
        return [Part(str(label), one) for label, one in pairs]
    if model.coef_.ndim == 2:
        return [Part(str(label), _of_class(model, k)) for k, label in enumerate(model.classes_)]
    return [Part(None, model)]


def anchored(model: Any) -> bool:
    """Whether it is NIMO+, with curves and surfaces, and not the paper's model."""
    return isinstance(getattr(model, "model_", None), AnchoredModel)


def _of_class(model: Any, k: int) -> Any:
    """The predictor of one class of a softmax as a model of its own."""
    whole, other = model.model_, copy(model)
    members = [
        replace(one, coefficients=one.coefficients[:, [k]], covariance=[one.covariance[k]])
        for one in whole.members
    ]
    own = replace(
        whole,
        intercept=whole.intercept[[k]],
        slope=whole.slope[:, [k]],
        slope_variance=whole.slope_variance[:, [k]],
        parts={piece: value[:, [k]] for piece, value in whole.parts.items()},
        members=members,
    )
    worth = {(one.kind, one.features): (one.log_bayes_factor, one.share) for one in model.terms_}
    other._describe(own, worth)
    return other
