"""The gradient of the fitted model at each row."""

from explainers.contract import Explainer, Explanation


def explain(model, rows, rng):
    return Explanation(slope=model.gradient(rows))


EXPLAINER = Explainer(
    name="gradient",
    label="gradient",
    built_in=False,
    applies=lambda model: model.smooth,
    explain=explain,
    source="Simonyan, Vedaldi, Zisserman, Deep inside convolutional networks, arXiv 1312.6034",
)
