"""Table 2 of the paper: test accuracy on the synthetic classification data sets."""

from benchmark.tables.scores import score_table

TITLE = "Test accuracy, synthetic classification (Table 2 of the paper)"


def build(results, published):
    groups = [(TITLE, "classification", results.datasets("classification", "synthetic"))]
    return score_table(results, published, "classification", TITLE, groups)
