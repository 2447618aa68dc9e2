"""What would flatter every method alike: a feature that is the target again, and shared rows."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from benchmark.datasets.dataset import PARTS, Split

#: a single feature that explains more than this is taken for a leak
LEAK = 0.98
LEAVES, LEAST_ROWS = 50, 5


def best_feature(split: Split) -> tuple[str, float]:
    """The feature that predicts the validation rows best by itself, and how well.

    A tree of 50 leaves is fitted to one feature after the other.

    Returns
    -------
    name : str
    share : float
        Of the variance explained; for labels the AUROC.
    """
    from sklearn.metrics import roc_auc_score
    from sklearn.tree import DecisionTreeRegressor

    data, found = split.arrays, []
    y = data["y_val"]
    tree = DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_samples_leaf=LEAST_ROWS, random_state=0)
    for j in range(len(split.feature_names)):
        tree.fit(data["X_train"][:, [j]], data["y_train"])
        predicted = tree.predict(data["X_val"][:, [j]])
        if split.task == "classification":
            found.append(roc_auc_score(y, predicted))
        else:
            found.append(1 - np.mean((predicted - y) ** 2) / y.var())
    best = int(np.argmax(found))
    return split.feature_names[best], float(found[best])


def shared_rows(split: Split) -> int:
    """How many different rows of features are in more than one part."""
    rows = [set(map(tuple, split.arrays[f"X_{part}"].round(9))) for part in PARTS]
    return sum(len(one & other) for one, other in combinations(rows, 2))
