"""Lasso on main effects and pairwise products, the penalty chosen by cross-validation."""

from baselines.contract import Method


def build(task, params, seed):
    from baselines._lasso_products import LassoProducts

    return LassoProducts(task, **params)


METHOD = Method(
    name="lasso_products",
    label="Lasso with products",
    tasks=("regression", "classification"),
    build=build,
    validation="trains",
    source="Bien, Taylor, Tibshirani, A lasso for hierarchical interactions, Annals of Statistics "
    "2013 (its all-pairs lasso); strong hierarchy of Hao, Feng, Zhang, JASA 2018",
    grid={"hierarchy": ["none"]},
    smoke={"n_penalties": [15]},
    requires=("scikit-learn",),
    random=False,
)
