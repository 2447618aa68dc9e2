"""NIMO (Xu, Negri and Roth, arXiv 2506.05059): the paper's algorithm, our selection around it.

What the paper describes and nothing else is ``nimo_paper``.
"""

from dataclasses import fields

from baselines.contract import Method

SOURCE = "Xu, Negri, Roth, NIMO: a Nonlinear Interpretable MOdel, arXiv 2506.05059"


def build(task, params, seed):
    from sklearn.utils import assert_all_finite

    from nimo import NIMOClassifier, NIMORegressor
    from nimo.paper.settings import Ablation

    base = NIMORegressor if task == "regression" else NIMOClassifier

    class Nimo(base):
        def fit(self, X, y, X_val=None, y_val=None):
            # the suite's features have no gaps: one would be an error of the suite
            for rows in (X,) if X_val is None else (X, X_val):
                assert_all_finite(rows, input_name="X")
            return super().fit(X, y, X_val=X_val, y_val=y_val)

        @property
        def reading_(self):
            """What a reader has to hold: coefficients, and how each other feature bends them."""
            curves = self.modulated_by_.sum()
            return {"coefficients": self.selected_features_.sum(), "curves": curves}

    # nimo[mask_self=False] and the like set a number of the network, or a switch of the ablation
    inner = {one.name for one in fields(Ablation)} & params.keys()
    given = {name: value for name, value in params.items() if name not in inner}
    if inner:
        given["network"] = Ablation(**{name: params[name] for name in inner})
    # The suite hands over features whose baseline is 0 already.
    return Nimo(**{"baseline": "zero", "scale": False, "random_state": seed, **given})


METHOD = Method(
    name="nimo",
    label="NIMO",
    tasks=("regression", "classification"),
    build=build,
    validation="chooses",
    groups=("ours", "main"),
    source=SOURCE,
    smoke={"max_iter": [20]},
    parameters=(
        "alpha",
        "batch_rows",
        "delta",
        "first_slope",
        "group_alpha",
        "group_power",
        "input_noise",
        "learning_rate_init",
        "mask_self",
        "max_iter",
        "n_hidden",
        "n_init",
        "relax",
        "selection",
        "sine_frequency",
        "use_correction",
        "zero_at_baseline",
    ),
    aside=("nimo.drawing.nimo", "nimo.report.writing"),
)
