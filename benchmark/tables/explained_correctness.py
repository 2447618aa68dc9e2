"""Do explanations describe the function that made the data?"""

from __future__ import annotations

from benchmark.metrics import CORRECTNESS
from benchmark.tables import explained

TITLE = "Explanations against the function that made the data"
NOTES = [
    "Slopes of an explanation are held against two truths. They agree at the baseline and differ "
    "elsewhere: the gradient also holds what the feature does to the coefficients of others. Some "
    "models give local coefficients, not gradients.",
    "A local coefficient is known up to x_j x_k h(x_rest), which can be moved between the terms of "
    "x_j and x_k without a change of the function. A penalty decides where it stands.",
    "Parts are counted from their mean over the explained rows, the true Shapley values too.",
]


def build(results):
    """The table of a run's grades (:class:`benchmark.evaluation.results.Results`)."""
    return explained.table(
        "explained_correctness", TITLE, results, results.explanations(), CORRECTNESS, NOTES
    )
