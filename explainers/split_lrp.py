"""SplitLRP: layer-wise relevance on the two non-negative streams of a ReLU network."""

from explainers.contract import Explainer, Explanation
from explainers.split_grad import applies

EPSILON = 1e-6  # ours; only there so that nothing is divided by 0


def explain(model, rows, rng):
    """Parts: relevances of the features; biases keep their share of f, so the sum is not f.

    Two or three layers need no recentring, and without it R+ - R- is gradient times input up to
    epsilon (``_dc_split.relevance`` says why): in a table this column repeats that one.
    """
    from explainers import _dc_split

    layers = model.estimator.layers()
    found = _dc_split.split(layers, rows, recentre=False)
    relevances, _ = _dc_split.relevance(layers, found, EPSILON)
    return Explanation(part=relevances)


EXPLAINER = Explainer(
    name="split_lrp",
    label="SplitLRP",
    built_in=False,
    applies=applies,
    explain=explain,
    source="Zimmermann, Loho, Hidden Monotonicity, CVPR 2026, arXiv 2601.07700",
)
