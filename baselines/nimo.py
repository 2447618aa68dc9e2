"""NIMO (Xu, Negri and Roth, arXiv 2506.05059): the paper's algorithm, our selection around it.

What the paper describes and nothing else is ``nimo_paper``.
"""

from baselines.contract import Method

SOURCE = "Xu, Negri, Roth, NIMO: a Nonlinear Interpretable MOdel, arXiv 2506.05059"


def build(task, params, seed):
    from sklearn.utils import assert_all_finite

    from nimo import NIMOClassifier, NIMORegressor

    base = NIMORegressor if task == "regression" else NIMOClassifier

    class Nimo(base):
        def fit(self, X, y, X_val=None, y_val=None):
            # the suite's features have no gaps: one would be an error of the suite
            for rows in (X,) if X_val is None else (X, X_val):
                assert_all_finite(rows, input_name="X")
            return super().fit(X, y, X_val, y_val)

    # The suite hands over features whose baseline is 0 already.
    return Nimo(**{"standardize": False, "random_state": seed, **params})


METHOD = Method(
    name="nimo",
    label="NIMO",
    tasks=("regression", "classification"),
    build=build,
    groups=("ours", "main"),
    source=SOURCE,
    smoke={"max_steps": [20]},
    parameters=(
        "delta",
        "g_range",
        "group_penalty",
        "hidden",
        "learning_rate",
        "mask_self",
        "max_steps",
        "n_init",
        "noise",
        "penalty",
        "relax",
        "selection",
        "sine_frequency",
        "use_correction",
        "zero_at_baseline",
    ),
    aside=("nimo.paper_drawing",),
)
