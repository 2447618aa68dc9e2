"""How far the splits of a data set depend on each other."""

from __future__ import annotations


def overlap_of(results, dataset: str) -> float:
    """What the corrected resampled t adds to 1/n: 0 for independent draws, else n_test / n_train.

    Splits of a synthetic data set are independent draws (``DataSet.independent``).  Splits of one
    real table share rows, so their scores are correlated; Nadeau and Bengio (Inference for the
    generalization error, Machine Learning 2003) estimate the correlation rho by n_test / (n_test +
    n_train), which replaces 1/n in the variance of a mean by 1/n + n_test / n_train.  The
    validation rows are counted as neither, which makes the intervals wider, not narrower.
    """
    if results.dataset(dataset).independent:
        return 0.0
    data = results.split(dataset, 0).arrays
    return len(data["y_test"]) / len(data["y_train"])
