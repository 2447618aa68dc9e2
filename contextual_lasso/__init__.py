"""The contextual lasso: the original Julia package, and a port of it, behind one estimator."""

__all__ = ["ContextualLassoClassifier", "ContextualLassoRegressor"]


def __getattr__(name):
    # imported late: deciding on a backend takes no scikit-learn
    if name in __all__:
        from contextual_lasso import estimator

        return getattr(estimator, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
