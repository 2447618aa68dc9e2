"""Table 1 of the paper: test MSE on the synthetic regression data sets."""

from benchmark.tables.scores import score_table

TITLE = "Test mean squared error, synthetic regression (Table 1 of the paper)"


def build(results, published):
    groups = [(TITLE, "regression", results.datasets("regression", "synthetic"))]
    return score_table(results, published, "regression", TITLE, groups)
