"""SplitGrad: the sensitivities of the convex stream of a ReLU network's exact split."""

from explainers.contract import Explainer, Explanation

ALPHA = 0.4  # Zimmermann and Loho use .3 to .4; .4 is that of their table for VGG16


def applies(model):
    """A network that gives its layers, all hidden ones rectified linear."""
    estimator = model.estimator
    activations = getattr(estimator, "activations", ())
    return hasattr(estimator, "layers") and len(activations) > 0 and set(activations) == {"relu"}


def slopes(layers, rows, alpha):
    """(m, d) difference of the two sensitivities of the stream g = f + h, shifted by alpha.

    0: those of the split.  1/2: the gradient of f.  Between them it is the gradient plus what is
    left of the two streams' common sensitivity, shrunk by 1 - 2 alpha at each layer.  That g alone
    is taken is our reading: in the same difference of g and h together the shift cancels, and what
    is left is twice the gradient for every alpha.
    """
    from explainers import _dc_split

    dp, dq = _dc_split.sensitivities(layers, _dc_split.masks(layers, rows), "g", alpha)
    return dp - dq


def explain(model, rows, rng):
    return Explanation(slope=slopes(model.estimator.layers(), rows, ALPHA))


EXPLAINER = Explainer(
    name="split_grad",
    label="SplitGrad",
    built_in=False,
    applies=applies,
    explain=explain,
    source="Zimmermann, Loho, Hidden Monotonicity, CVPR 2026, arXiv 2601.07700",
)
