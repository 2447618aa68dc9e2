"""Do explanations describe the model that was fitted?"""

from __future__ import annotations

from benchmark.metrics import FIDELITY
from benchmark.tables import explained

TITLE = "Explanations against the model that was fitted"
NOTES = [
    "No truth has a part in these: a poor model can be explained without an error.",
    "Parts of additive models have infidelity 0 and faithfulness 1 by construction.",
]


def build(results):
    """The table of a run's grades (:class:`benchmark.evaluation.results.Results`)."""
    return explained.table(
        "explained_fidelity", TITLE, results, results.explanations(), FIDELITY, NOTES
    )
