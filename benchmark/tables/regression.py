"""Table 1 of the paper: test MSE on the synthetic regression data sets."""

from benchmark.datasets import synthetic
from benchmark.tables.scores import score_table

TITLE = "Test mean squared error, synthetic regression (Table 1 of the paper)"


def build(results, published):
    datasets = [d for d in results.datasets("regression") if d in synthetic.EQUATIONS]
    groups = [(TITLE, "regression", datasets)]
    return score_table(results, published, "regression", TITLE, groups)
