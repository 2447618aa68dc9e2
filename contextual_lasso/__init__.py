"""The contextual lasso: the original Julia package, and a port of it, behind one estimator."""

from contextual_lasso.estimator import ContextualLassoClassifier, ContextualLassoRegressor

__all__ = ["ContextualLassoClassifier", "ContextualLassoRegressor"]
