"""Contextual lasso without the network's intercept: the coefficients have to explain y."""

from dataclasses import replace

from baselines.contextual_lasso import METHOD as WITH_INTERCEPT

METHOD = replace(
    WITH_INTERCEPT,
    name="contextual_lasso_sparse",
    label="Contextual Lasso (no intercept)",
    grid={**WITH_INTERCEPT.grid, "intercept": [False]},
    smoke={**WITH_INTERCEPT.smoke, "intercept": [False]},
)
