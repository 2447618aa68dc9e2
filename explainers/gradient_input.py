"""Gradient times input: what each feature would add if the model were its tangent through 0."""

from explainers.contract import Explainer, Explanation


def explain(model, rows, rng):
    return Explanation(part=model.gradient(rows) * rows)


EXPLAINER = Explainer(
    name="gradient_input",
    label="gradient x input",
    built_in=False,
    applies=lambda model: model.smooth,
    explain=explain,
    source="Shrikumar, Greenside, Kundaje, Not just a black box, arXiv 1605.01713",
)
