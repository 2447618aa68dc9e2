"""NIMO+ (ours) for numbers, counts and amounts: coefficients, curves and surfaces."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import Interval, StrOptions

from nimo.estimators.nimo_plus_base import AnchoredEstimator
from nimo.plus.families import RESPONSES, Quantile
from nimo.plus.responses import LEAST_RESPONSE, check_response, mean_response
from nimo.reading.nimo_plus_intervals import ResponseIntervals
from nimo.scaling import measure
from nimo.transaction import transactional


class NIMOPlusRegressor(ResponseIntervals, RegressorMixin, AnchoredEstimator):
    """Coefficients at a baseline, curves and surfaces, chosen by the evidence.

    The linear predictor is b0 + sum_j [beta_j u_j + s_j(x_j)] + sum_jk p_jk(x_j, x_k) + ..., with
    u_j = x_j - baseline_j.  Every s and p has value 0 and gradient 0 at the baseline, so beta_j is
    exactly the marginal effect of feature j there, whatever else is in the model (the anchored
    functional ANOVA; Rabitz and Alis, Journal of Mathematical Chemistry 25, 1999).

    Parameters
    ----------
    family : {"gaussian", "poisson", "gamma", "quantile"}, default="gaussian"
        Counts ("poisson") and positive amounts ("gamma": standard deviations in proportion to
        means) have the logarithmic link; ``predict`` returns the mean.  "quantile": the predictor
        is a quantile of the response, by the check loss.
    quantile : float in (0, 1), default=0.5
        Which one, with family="quantile".
    max_order : {1, 2, 3}, default=3
        Features of a product at most: 1 leaves lines and curves.  With 3, up to 500 rows, features
        that act together may also modulate one another, x_j v_j(x_S) with any number of them.
    level : float in (0, 1), default=0.1
        Expected number of absent pieces of one kind that the sparsest structure takes for present.
    noise : {"auto", "normal", "t"}, default="auto"
        Of a gaussian response.  "t" has heavy tails (5 degrees of freedom); "auto" takes both, each
        by what a row says under it.
    n_structures : {1, 2, 3}, default=3
        1: one structure, the sparsest; its pieces all pass a threshold.  More: the mean with one
        where only products have to, and with one where nothing has to; the prediction is better and
        there is more to read.
    max_terms : int, optional
        Lines, curves and surfaces at most: the sparsest structure, from which the term of least
        evidence goes until so many are left.
    monotonic_cst : (d,) or dict of {-1, 0, 1}, optional
        1 and -1 for features with which the linear predictor rises and falls, everywhere; keys are
        names or numbers, a Series goes by its index of names.  Such a feature takes part in no
        surface.  Variances are found without the constraint, coefficients are the most probable
        ones under it; intervals do not know of it.
    interaction_cst : {"pairwise", "no_interactions"} or list of groups of features, optional
        Features of one group may act together; those in no group are one more.
    keep : list of features, optional
        Their lines stay in the model, and are not penalised.
    baseline : {"mean", "zero"} or (d,), default="mean"
        The point at which curves and surfaces are 0; a Series goes by its index of names.  Of a
        category of three levels or more it is the mean over the training rows, whatever is given
        here.

    Attributes
    ----------
    coef_, coef_std_ : (d,)
        Marginal effects at the baseline, and their posterior standard deviations, which include how
        far the structures differ.  0 for a category of three levels or more; of two it is what the
        second of ``levels_`` does beside the first.
    intercept_ : float
        intercept_ + x @ coef_ touches the linear predictor at the baseline.
    baseline_ : (d,)
        0 for a category of three levels or more.
    levels_ : dict of str to list
        Levels of each category by its column's name; None is a missing one.
    terms_ : list of Term
        Lines, curves and surfaces, the largest share of the variance first; named tuples of kind,
        features, names, log_bayes_factor, share.  ``terms()`` is the same as a data frame.
    path_ : list of PathStep
        Models of fewer and fewer terms, see :meth:`with_terms`.
    selected_features_, nonlinear_features_, interaction_features_ : (d,) bool
        Features in the model; with a curve; in a surface.
    modulated_by_ : (d, d) bool
        Whether two features share a surface.
    fit_info_ : dict
        Rows, structures with their shares and evidence, standard deviation of the noise.
    family_ : str
    model_ : AnchoredModel
        Bases and posterior, on scaled features.
    feature_names_in_ : (d,), n_features_in_ : int
        As in scikit-learn; names only of a frame.

    Examples
    --------
    >>> import numpy as np
    >>> from nimo import NIMOPlusRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-2, 2, (300, 3))
    >>> y = 2 * X[:, 0] + X[:, 0] * X[:, 1] + np.abs(X[:, 2]) + 0.1 * rng.standard_normal(300)
    >>> model = NIMOPlusRegressor(baseline="zero", n_structures=1).fit(X, y)
    >>> model.coef_.round(1) + 0.0
    array([2., 0., 0.])
    >>> [(term.kind, term.features) for term in model.terms_]
    [('line', (0,)), ('surface', (0, 1)), ('curve', (2,))]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **AnchoredEstimator._parameter_constraints,
        "family": [StrOptions({"gaussian", "poisson", "gamma", "quantile"})],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
        "noise": [StrOptions({"auto", "normal", "t"})],
    }

    def __init__(
        self,
        *,
        family="gaussian",
        quantile=0.5,
        max_order=3,
        level=0.1,
        noise="auto",
        n_structures=3,
        max_terms=None,
        monotonic_cst=None,
        interaction_cst=None,
        keep=None,
        baseline="mean",
    ):
        self.family = family
        self.quantile = quantile
        self.max_order = max_order
        self.level = level
        self.noise = noise
        self.n_structures = n_structures
        self.max_terms = max_terms
        self.monotonic_cst = monotonic_cst
        self.interaction_cst = interaction_cst
        self.keep = keep
        self.baseline = baseline

    @transactional
    def fit(self, X, y, sample_weight=None):
        """Fit on all rows.

        Parameters
        ----------
        X : (n, d)
            A frame of pandas or polars, or an array.  Text and categories without order have
            an effect of each level, ordered categories are their codes, what is missing (NaN, None)
            has an effect of its own.
        y : (n,)
        sample_weight : (n,), optional
            Any numbers that are not negative; their scale has no effect.

        Raises
        ------
        ValueError
            Bad parameters; a column that cannot be used, such as dates; dates as the response; in
            rows with a weight, negative counts or none at all for the Poisson family, amounts that
            are not positive for the gamma family.
        """
        self._validate_params()
        X, y = self._read(X, y, y_numeric=True)
        y = y.astype(np.float64)
        weight = self._weight(sample_weight, X)
        self.family_ = self.family
        seen, mass = y[weight > 0], weight[weight > 0]
        if self.family in LEAST_RESPONSE:
            check_response(self.family, seen)
            centre = (
                float(np.log(np.average(seen, weights=mass))) if self.family == "gamma" else 0.0
            )
            return self._fit(X, y[:, None], weight, RESPONSES[self.family], centre=centre)
        whole = measure(seen, mass)
        inner = float(whole.mean), float(whole.spread)
        if self.family == "quantile":
            return self._fit(
                X, y[:, None], weight, Quantile(float(self.quantile)), "normal", *inner
            )
        return self._fit(X, y[:, None], weight, RESPONSES["normal"], self.noise, *inner)

    def predict(self, X, return_std=False):
        """Predicted response of each row, (n,).

        Parameters
        ----------
        X : (n, d)
        return_std : bool, default=False
            Also the posterior standard deviation of the prediction, (n,), as of a Gaussian process:
            that of the function, without the noise of a new response.  With a logarithmic link to
            first order, prediction times standard deviation of the linear predictor.
        """
        if not return_std:
            return self._mean(self._eta(X))
        eta, std = self._moments(X)
        mean = self._mean(eta)
        return mean, mean * std if self.family_ in LEAST_RESPONSE else std

    def _mean(self, eta):
        return mean_response(self.family_, eta)
