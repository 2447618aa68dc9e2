"""Real data: diabetes, Boston housing (Figures 5 and 6 of the paper) and the user's CSV files."""

from benchmark.datasets import synthetic
from benchmark.tables.scores import score_table

TITLE = "Real data"


def build(results, published):
    def real(task):
        return [d for d in results.datasets(task) if d not in synthetic.EQUATIONS]

    groups = [
        ("Test mean squared error, target standardised", "regression", real("regression")),
        ("Test accuracy", "classification", real("classification")),
    ]
    return score_table(results, published, "real", TITLE, groups)
