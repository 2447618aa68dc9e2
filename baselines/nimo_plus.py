"""NIMO+: coefficients at a baseline, curves and surfaces, chosen by the evidence (ours)."""

from baselines.contract import Method


def build(task, params, seed):
    from sklearn.utils import assert_all_finite

    from baselines._rows import is_frame
    from nimo import NIMOPlusClassifier, NIMOPlusRegressor

    base = NIMOPlusRegressor if task == "regression" else NIMOPlusClassifier

    class TrainingRowsOnly(base):
        """The evidence needs no validation rows."""

        def fit(self, X, y, X_val=None, y_val=None):
            if is_frame(X):
                self.baseline = "mean"  # 0 for its numbers; a level has none else
            else:
                # the suite's matrix has no gaps: one would be an error of the suite
                assert_all_finite(X, input_name="X")
            return super().fit(X, y)

        @property
        def reading_(self):
            """What a reader has to hold: the effects of a category's levels count as a curve."""
            kinds = [term.kind for term in self.terms_]
            lines, surfaces = kinds.count("line"), kinds.count("surface")
            return {
                "coefficients": lines,
                "curves": len(kinds) - lines - surfaces,
                "surfaces": surfaces,
            }

    # The suite's matrix has its baseline at 0 already.
    return TrainingRowsOnly(**{"baseline": "zero", **params})


METHOD = Method(
    name="nimo_plus",
    label="NIMO+",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    frame=True,
    groups=("ours",),
    source="this project, docs/model.md; anchored functional ANOVA after Rabitz and Alis, Journal "
    "of Mathematical Chemistry 1999; selection after MacKay, Bayesian Interpolation, Neural "
    "Computation 1992",
    parameters=("max_order", "max_terms", "n_structures"),
    aside=("nimo.drawing.nimo_plus", "nimo.report.writing"),
    random=False,
)
