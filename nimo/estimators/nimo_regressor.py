"""NIMO for numbers and counts."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from nimo.estimators.conformal import interval
from nimo.estimators.former import refusing_former
from nimo.estimators.nimo_base import PaperModel
from nimo.reading.tables import check_level
from nimo.transaction import transactional


class NIMORegressor(RegressorMixin, PaperModel):
    """NIMO for a real-valued or a count response (arXiv 2506.05059).

    The model is eta(x) = b0 + sum_j (x_j - m_j) beta_j (1 + g_j(x_-j)) with g_j = 0 at the baseline
    m, so beta_j is exactly the marginal effect of feature j at the baseline, and beta_j (1 + g_j)
    its coefficient in one row.  One small network gives all g_j; it never sees x_j itself.

    Parameters
    ----------
    family : {"gaussian", "poisson"}, default="gaussian"
        Poisson uses the logarithmic link; ``predict`` then returns expected counts.
    selection : {"auto", "paper"}, default="auto"
        "paper": the paper's algorithm and a grid of its penalties, the best validation loss,
        nothing else (:mod:`nimo.paper.grid`).  "auto": ours (:mod:`nimo.selection`).  Supports are
        chosen by the evidence of a model whose functions are integrated out, so that they hold at
        much noise too; networks are trained on them by the paper's algorithm, on what that model
        expects of the rows.  Without g it is the lasso.
    relax : bool, default=False
        After the sparse fit, train on the features it selected without the strong penalties (ours,
        not the paper's).  The model is then the mean of relaxed and sparse networks with the
        smallest loss on the validation rows.
    alpha : float or "auto", default="auto"
        Lasso penalty on beta, on the scale of scikit-learn's ``Lasso(alpha)`` for a response of
        unit variance.  0: no sparsity.  "auto": chosen on the validation rows.
    group_alpha : float or "auto", default="auto"
        Penalty on the norms of the columns of the first layer (eq. 6).
    n_hidden : int or "auto", default="auto"
        Units of each of the two hidden layers; "auto" is 64.
    input_noise : float, default=0.2
        Standard deviation of the noise on the first layer during the sparse phase.
    learning_rate_init : float or "auto", default="auto"
        Of Adam at the start, from which it falls to 0 along a cosine; "auto" is 2e-2.
    max_iter : int or "auto", default="auto"
        Gradient steps of one full training; "auto" is 600, of which each stretch of the sparse
        phase takes half, and 300 with selection="paper".
    n_init : int or "auto", default="auto"
        With selection="paper" initialisations per pair of penalties, else fresh
        networks of the relaxed phase; "auto" is 1.
    validation_fraction : float, default=0.25
        Share of the rows split off when ``fit`` gets no validation rows; 0: selection looks at the
        training rows.
    baseline : {"mean", "zero"} or (d,), default="mean"
        The point at which all corrections are 0: the means of the training rows, 0, or given values
        of the columns of the model, in their units.  Take the mean where 0 says nothing.
    scale : bool, default=True
        Whether features count in their standard deviations, or in the units that they are given in.
    network : NetworkSettings, optional
        Numbers of the network that few fits need to change: range of g, frequency of the second
        layer, rows of a step.
    settings : SelectionSettings, optional
        The numbers of our selection.
    device : str, default="cpu"
        Where to train; the fitted model is on the CPU.
    n_jobs : int, optional
        Threads of the linear algebra while fitting; None: one, -1: all processors, -2: all but one.
        The products are small, and more threads on a busy machine make a fit several times slower.
    verbose : bool, default=False
        Show a progress bar of the networks' training (needs ``tqdm``).
    random_state : int, RandomState or None

    Attributes
    ----------
    column_names_ : list of d str
        Columns of the model.  Of numbers, booleans and ordered categories their names (``x1``, ...
        of an array); "a is missing" where numbers of a are; of other categories "a = level" for
        each level but the most frequent one, all 0 or 1.  What is missing, and a level that
        training has not seen, is at the baseline.
    coef_ : (d,), intercept_ : float
        Marginal effects at the baseline and the intercept of that tangent plane, on the scale of
        the given features: intercept_ + x @ coef_ touches the linear predictor at ``baseline_``.
    baseline_ : (d,)
        The point m, on the scale of the given features, at which all corrections are 0.  With
        baseline="mean" the means of the training rows, without the rows split off for validation.
        A point far from the data leaves the model as flexible, but coef_ then describes that point.
    first_layer_weights_ : (h, d)
        On the scale of the given features; several members are stacked.
    interaction_weights_ : (d,)
        Norms of the first layer's columns, on the scale that the network sees.
    selected_features_, interaction_features_ : (d,) bool
        Features with a coefficient; features that modulate the effect of another.
    modulated_by_ : (d, d) bool
        Whether feature j (row) is modulated by k (column).
    nonlinear_features_ : (d,) bool
        None: curves are NIMO+'s.
    fit_info_ : dict
        What was chosen: penalties, phase, members, loss on the validation rows.
    n_iter_ : int
        Steps of the training that was kept.
    family_ : str
    model_ : NimoModel
        The networks, on scaled features.
    feature_names_in_ : (number of features,), n_features_in_ : int
        As in scikit-learn; names only of a frame.
    levels_ : dict of str to list
        Levels of each category by its column's name; None is a missing one.

    Examples
    --------
    The effect of the first feature depends on the second.

    >>> import numpy as np
    >>> from nimo import NIMORegressor
    >>> X = np.random.default_rng(0).uniform(-2, 2, (200, 3))
    >>> y = 3 * X[:, 0] * (1 + np.tanh(X[:, 1])) - 2 * X[:, 1]
    >>> model = NIMORegressor(max_iter=60, baseline="zero", random_state=0).fit(X, y)
    >>> model.selected_features_, model.interaction_features_
    (array([ True,  True, False]), array([False,  True, False]))
    >>> bool(np.allclose(model.coef_, [3, -2, 0], atol=0.2))
    True
    >>> local = model.local_coef([[0, 2, 0]])  # there the truth is 3 (1 + tanh(2)) = 5.9
    >>> bool(5 < local[0, 0] < 7)
    True

    The paper's algorithm alone:

    >>> paper = model.set_params(selection="paper").fit(X, y)
    >>> bool(np.allclose(paper.coef_, [3, -2, 0], atol=0.5))
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **PaperModel._parameter_constraints,
        "family": [StrOptions({"gaussian", "poisson"})],
    }

    @refusing_former
    def __init__(
        self,
        *,
        family="gaussian",
        selection="auto",
        relax=False,
        alpha="auto",
        group_alpha="auto",
        n_hidden="auto",
        input_noise=0.2,
        learning_rate_init="auto",
        max_iter="auto",
        n_init="auto",
        validation_fraction=0.25,
        baseline="mean",
        scale=True,
        network=None,
        settings=None,
        device="cpu",
        n_jobs=None,
        verbose=False,
        random_state=None,
    ):
        self.selection = selection
        self.relax = relax
        self.alpha = alpha
        self.group_alpha = group_alpha
        self.n_hidden = n_hidden
        self.input_noise = input_noise
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.n_init = n_init
        self.validation_fraction = validation_fraction
        self.baseline = baseline
        self.scale = scale
        self.network = network
        self.settings = settings
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state
        self.family = family

    @transactional
    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None):
        """Fit on (X, y); validation rows select penalties and the stopping point.

        Parameters
        ----------
        X : (n, number of features)
            A frame of pandas or polars, or an array; NaN and None are missing.
        y : (n,)
        sample_weight : (n,), optional
            A row of weight w counts as w rows; whole numbers, or all equal.
        X_val, y_val : validation rows, optional
            Without them ``validation_fraction`` of the rows is split off.

        Raises
        ------
        ValueError
            Bad parameters; a column that cannot be used, such as dates; negative counts for the
            Poisson family.
        """
        self._check_parameters()
        X, y = self._training_rows(X, y, y_numeric=True)
        y = y.astype(np.float64)
        X_val, y_val = self._validation_rows(X_val, y_val, y_numeric=True)
        if y_val is not None:
            y_val = y_val.astype(np.float64)
        if self.family == "poisson" and (y.min() < 0 or (y_val is not None and y_val.min() < 0)):
            raise ValueError("the poisson family needs y >= 0")
        return self._fit(X, y, X_val, y_val, self.family, sample_weight)

    def predict(self, X):
        """Predicted response, an expected count for the Poisson family.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n,) ndarray, in the unit of the response
        """
        return self._mean(self._eta(X))

    def predict_interval(self, X, level: float = 0.95) -> np.ndarray:
        """Interval of a new response in each row, (n, 2), by the errors of the validation rows.

        Split conformal prediction (Lei et al. 2018): the prediction, less and more the
        ceil((m + 1) level)-th smallest of the m absolute errors of the validation rows.  It asks
        nothing of the noise but that new rows come from where those rows came from: it holds
        ``level`` of them, on average over fits.  All intervals have one width; for counts the
        width is in proportion to the root of the expected count, and none goes below 0.

        The same rows have chosen penalties and stopping point, so that their errors are a little
        too small: with few rows the intervals hold somewhat less than ``level``.

        Parameters
        ----------
        X : (n, d)
        level : float between 0 and 1
            Infinite intervals where m validation rows cannot say it: level > m / (m + 1).

        Raises
        ------
        AttributeError
            No validation rows: none given, and ``validation_fraction`` of the rows is none.
        ValueError
            A level outside (0, 1).
        """
        check_is_fitted(self)
        check_level(level)
        if self._errors_apart is None:
            raise AttributeError(
                "no rows were kept apart: fit with X_val and y_val, or with another "
                f"validation_fraction than {self.validation_fraction!r}"
            )
        return interval(self.predict(X), self._errors_apart, level, self.family_)
