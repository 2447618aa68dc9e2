"""Shapley values of the model by the package ``shap``, as a user would compute them."""

from __future__ import annotations

import numpy as np

from explainers.contract import Explainer, Explanation

BACKGROUND = 100  # training rows that stand in for absent features: the package's default
PERMUTATIONS = 10  # each forwards and backwards; 2 BACKGROUND (d + 1) predictions per permutation


def explain(model, rows, rng):
    """Parts: interventional Shapley values; each row's sum is f(x) minus the background's mean.

    Permutation sampling, forwards and backwards, is the package's own choice for a model that it
    knows nothing of; it is exact where at most two features interact.
    """
    import shap

    rows = np.asarray(rows, dtype=float)
    size = min(BACKGROUND, len(model.X))
    background = model.X[rng.choice(len(model.X), size=size, replace=False)]
    masker = shap.maskers.Independent(background, max_samples=size)
    state = np.random.get_state()  # the package seeds and uses numpy's global generator
    try:
        explainer = shap.PermutationExplainer(
            model.response, masker, seed=int(rng.integers(2**31 - 1))
        )
        evaluations = PERMUTATIONS * (2 * model.n_features + 1)
        parts = explainer(rows, max_evals=evaluations, silent=True).values
    finally:
        np.random.set_state(state)
    return Explanation(part=np.asarray(parts, dtype=float))


EXPLAINER = Explainer(
    name="permutation_shap",
    label="SHAP (permutations)",
    built_in=False,
    applies=lambda model: True,
    explain=explain,
    source="Lundberg, Lee, A unified approach to interpreting model predictions, NeurIPS 2017",
    requires=("shap",),
    extra="explanations",
)
