"""How much of NIMO+ there is to read: terms with what they are worth, and models with fewer."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from nimo.plus.model import NO_POSTERIOR, AnchoredModel
from nimo.plus.path import Origin, Step
from nimo.plus.terms import Term

if TYPE_CHECKING:
    import pandas as pd


class PathStep(NamedTuple):
    """A model of fewer terms.

    Attributes
    ----------
    n_terms : int
    kind, names : str and tuple of str, of the term that the model before it still had; or None
    log_evidence : float, in nats
    error, std_error : float
        Of rows by the model without them, and its standard error: the mean squared error; of a
        quantile the mean check loss; else the mean -log-likelihood, that of counts and amounts up
        to constants.
    """

    n_terms: int
    kind: str | None
    names: tuple[str, ...] | None
    log_evidence: float
    error: float
    std_error: float


class AnchoredTerms:
    """Methods of the fitted estimators."""

    model_: AnchoredModel
    terms_: list[Term]
    family_: str
    fit_info_: dict[str, Any]
    _path: list[Step] | None
    _origin: Origin | None
    _names: Callable[[], list[str]]
    _describe: Callable[..., None]

    def terms(self) -> pd.DataFrame:
        """``terms_`` as a data frame: kind, features (names), log Bayes factor, share.

        The share is of the variance of the linear predictor over the training rows, cov(term,
        predictor) / var(predictor), and adds up to 1.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        check_is_fitted(self)
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("terms() needs pandas: pip install pandas; or read terms_") from error
        rows = [
            (one.kind, ", ".join(one.names), one.log_bayes_factor, one.share) for one in self.terms_
        ]
        return pd.DataFrame(rows, columns=["kind", "features", "log_bayes_factor", "share"])

    def _steps(self) -> list[Step]:
        """The path, followed when it is first asked for."""
        check_is_fitted(self)
        origin = self._origin
        if self._path is None and origin is not None:
            with threadpool_limits(1):
                steps = origin.steps()
            # the path first: another thread may be asking
            self._path, self._origin = steps, None
        return self._path or []

    def _known_steps(self) -> list[Step]:
        steps = self._steps()
        if not steps:
            raise AttributeError(NO_POSTERIOR)
        return steps

    @property
    def path_(self) -> list[PathStep]:
        """Models from the sparsest structure down to a constant; the least evidence goes first.

        A line goes after the curves and surfaces of its feature.
        """
        steps = self._known_steps()
        names, unit = self._names(), self.model_.unit
        if self.family_ == "gaussian":
            unit **= 2
        found = []
        for step in steps:
            kind, features = (None, None) if step.gone is None else step.gone
            gone = None if features is None else tuple(names[j] for j in features)
            found.append(
                PathStep(
                    step.n_terms,
                    kind,
                    gone,
                    step.log_evidence,
                    unit * step.error,
                    unit * step.std_error,
                )
            )
        return found

    def with_terms(self, n_terms: int):
        """A fitted model with so many lines, curves and surfaces at most, without a new fit.

        One of ``path_``.  With labels, counts or t noise its coefficients are those of the second-
        order expansion of the likelihood at the whole model; a fit with ``max_terms`` goes on from
        there on the rows.

        Parameters
        ----------
        n_terms : int

        Returns
        -------
        an estimator of the same class

        Raises
        ------
        ValueError
            A negative number, or one below that of the features to keep.
        """
        steps = self._known_steps()
        least = steps[-1].n_terms
        if n_terms < least:
            raise ValueError(f"n_terms must be {least} or more, got {n_terms!r}")
        first = next(i for i, step in enumerate(steps) if step.n_terms <= n_terms)
        step, other = steps[first], copy(self)
        noise = "t" if step.member.heavy else "normal"
        other.fit_info_ = {
            **self.fit_info_,
            "structures": [
                {
                    "noise": noise if self.family_ == "gaussian" else self.family_,
                    "share": 1.0,
                    "pieces": len(step.pieces),
                    "evidence": step.log_evidence,
                }
            ],
        }
        if "noise_std" in self.fit_info_:
            other.fit_info_["noise_std"] = float(self.model_.unit * step.noise**0.5)
        if "dispersion" in self.fit_info_:
            other.fit_info_["dispersion"] = float(step.noise)
        other._path = steps[first:]
        other._describe(self.model_.of([step.member]), step.worth)
        return other
