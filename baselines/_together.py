"""Estimators that are fitted together where their networks have one shape."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

#: numbers that the layer of all networks of a stack may hold: what lies beyond a core's cache costs
#: more than calls of operations do
AT_ONCE = 2**18


class Together:
    """Base of estimators of which several train side by side.

    A subclass has ``seed`` and defines

    ``_prepare(X, y, X_val, y_val)``
        Checks the options and the rows; returns the rows as its training takes them.
    ``_shape(n_rows)``
        What estimators must have in common to be trained in one stack, hashable.
    ``_layer(n_rows, n_features)``
        How many numbers one network's widest layer holds in a step.
    ``_train(models, generators, X, y, X_val, y_val)`` (static or of the class)
        Trains models of one shape, each with a generator of its own; returns for each the exception
        that its training ended with, or None.
    ``_finish(X)``
        What is left to do after training, from the rows as they were given.
    """

    def fit(self, X, y, X_val=None, y_val=None):
        """Train on (X, y); validation rows stop or choose, they are never trained on.

        Parameters
        ----------
        X : (n, d) array
        y : (n,) array
            Real values, or labels 0/1.
        X_val, y_val : arrays, optional where the method trains for a fixed number of epochs

        Raises
        ------
        ValueError
            Rows or options that cannot be used.
        FloatingPointError
            Training diverged.
        """
        (error,) = fit_together([self], X, y, X_val, y_val)
        if error is not None:
            raise error
        return self

    def _prepare(self, X, y, X_val, y_val) -> tuple:
        raise NotImplementedError

    def _shape(self, n_rows: int) -> Hashable:
        raise NotImplementedError

    def _layer(self, n_rows: int, n_features: int) -> int:
        raise NotImplementedError

    @staticmethod
    def _train(models, generators, X, y, X_val, y_val) -> list[Exception | None]:
        raise NotImplementedError

    def _finish(self, X):
        """Nothing, unless a subclass has something to do."""


def fit_together(models, X, y, X_val=None, y_val=None) -> list[Exception | None]:
    """Fit estimators of one class and task on the same rows, each as if it were alone.

    Those of one shape train in one stack.  Should that fail as a whole, for want of memory for
    instance, they are fitted one after the other, so that the failure of one is not another's.

    Returns
    -------
    For each estimator the exception that its fit ended with, or None.
    """
    import torch  # here, so that the methods can be listed without it

    torch.set_num_threads(1)
    errors: list[Exception | None] = [None] * len(models)
    groups: dict[Hashable, list[int]] = {}
    rows: tuple = ()
    for k, model in enumerate(models):
        try:
            rows = model._prepare(X, y, X_val, y_val)
            groups.setdefault(model._shape(len(rows[0])), []).append(k)
        except Exception as error:  # of this estimator alone
            errors[k] = error
    for group in _stacks(groups.values(), models, rows):
        for k, error in zip(group, _train([models[k] for k in group], rows), strict=True):
            errors[k] = error
            if error is None:
                try:
                    models[k]._finish(X)
                except Exception as late:
                    errors[k] = late
    return errors


def _stacks(groups, models, rows) -> Iterator[list[int]]:
    """The groups, cut where a layer would be too large."""
    for group in groups:
        n = max(1, AT_ONCE // models[group[0]]._layer(*rows[0].shape))
        yield from (group[start : start + n] for start in range(0, len(group), n))


def _train(models, rows) -> list[Exception | None]:
    import torch

    generators = [torch.Generator().manual_seed(model.seed) for model in models]
    try:
        return type(models[0])._train(models, generators, *rows)
    except Exception as error:
        if len(models) == 1:
            return [error]
        return [found for model in models for found in _train([model], rows)]
