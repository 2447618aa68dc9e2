"""A fit is a transaction: an estimator is the old model, whole, until it is the new one.

It imports nothing: the estimators of both packages use it, and with Julia nothing may bring torch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Self = TypeVar("Self")
# Where an estimator keeps the names of the attributes that its fit has set.
SET_BY_FIT = "_set_by_fit"


def transactional(fit: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of ``fit``: it works on an unfitted twin, whose attributes are taken over last.

    The twin has what the user has given the estimator (parameters, metadata requests, the form of
    its output) and nothing that an earlier fit has set.  Whatever is raised, KeyboardInterrupt too,
    the estimator is what it was; taking over is one assignment, which nothing can interrupt.

    Examples
    --------
    >>> class Mean:
    ...     @transactional
    ...     def fit(self, y):
    ...         self.count_ = len(y)
    ...         self.mean_ = sum(y) / self.count_
    ...         return self
    >>> model = Mean().fit([1, 2, 3])
    >>> model.fit([])
    Traceback (most recent call last):
    ZeroDivisionError: division by zero
    >>> model.count_, model.mean_
    (3, 2.0)
    """

    @wraps(fit)
    def whole(self: Self, *args: Any, **kwargs: Any) -> Self:
        earlier = vars(self).get(SET_BY_FIT, frozenset())
        given = {name: value for name, value in vars(self).items() if name not in earlier}
        twin = object.__new__(type(self))
        vars(twin).update(given)
        fit(twin, *args, **kwargs)
        fitted = dict(vars(twin))
        fitted[SET_BY_FIT] = frozenset(fitted.keys() - given.keys()) | {SET_BY_FIT}
        self.__dict__ = fitted
        return self

    return whole
