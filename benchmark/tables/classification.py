"""Table 2 of the paper: test accuracy on the synthetic classification data sets."""

from benchmark.datasets import synthetic
from benchmark.tables.scores import score_table

TITLE = "Test accuracy, synthetic classification (Table 2 of the paper)"


def build(results, published):
    datasets = [d for d in results.datasets("classification") if d in synthetic.EQUATIONS]
    groups = [(TITLE, "classification", datasets)]
    return score_table(results, published, "classification", TITLE, groups)
