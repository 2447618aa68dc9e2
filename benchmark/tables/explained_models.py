"""What is known of the models themselves, whatever explains them?"""

from __future__ import annotations

from benchmark import metrics
from benchmark.tables import explained

TITLE = "Effects of the models against the true ones, whatever explains them"
NOTES = [
    "relative error, sign agreement and the support of β are about the marginal effect at the "
    "baseline; average effects are means of the gradient over the rows; forward effects are "
    "changes of the response when a feature moves by one standard deviation.",
    "Shapley values of model and truth are made by the same enumeration, or the same samples.",
    "The feature matrix is the mean outer product of the gradients at the training rows, over its "
    "size. A method that is fitted by such a matrix reports its own, which for classes may be that "
    "of the probability; for other models it is made from their gradients.",
    "A function made of steps has no gradient: forward effects and Shapley values speak for it.",
]


def build(results):
    """The table of a run's grades (:class:`benchmark.evaluation.results.Results`)."""
    columns = [*map(metrics.get, explained.OF_FITS), *metrics.CORRECTNESS_OF_MODEL]
    pairs = explained.models(results)
    return explained.table("explained_models", TITLE, results, pairs, columns, NOTES)
