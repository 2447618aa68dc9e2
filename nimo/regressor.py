"""NIMO for numbers and counts."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from nimo.base import refusing_former
from nimo.conformal import interval
from nimo.paper_model import PaperModel
from nimo.reading import check_level
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
    penalty : float or "auto", default="auto"
        Lasso penalty on beta, on the scale of scikit-learn's ``Lasso(alpha)`` for a response of
        unit variance.  0: no sparsity.  "auto": chosen on the validation rows.
    group_penalty : float or "auto", default="auto"
        Penalty on the norms of the columns of the first layer (eq. 6).
    delta : float in (0, 1], default=1.0
        Exponent of the sub-l1 penalty sum_j c_j^(2 delta) (appendix B.3); 1 is the lasso.
    hidden : int or "auto", default="auto"
        Units of each of the two hidden layers; "auto" is 64.
    sine_frequency : float or "auto", default="auto"
        w0 in sin(w0 z), the activation of the second layer; "auto" is 3.
    noise : float, default=0.2
        Standard deviation of the noise on the first layer during the sparse phase.
    learning_rate : float or "auto", default="auto"
        Of Adam; "auto" is 2e-2.
    max_steps : int or "auto", default="auto"
        Gradient steps of one full training; "auto" is 600, of which each stretch of the sparse
        phase takes half, and 300 with selection="paper".
    n_init : int or "auto", default="auto"
        With selection="paper" initialisations per pair of penalties, else fresh
        networks of the relaxed phase; "auto" is 1.
    validation_fraction : float, default=0.25
        Share of the rows split off when ``fit`` gets no validation rows; 0: selection looks at the
        training rows.
    standardize : {True, False, "scale"}, default=True
        True: baseline at the training means, unit variance.  "scale": unit variance, baseline at 0.
        False: features as given, baseline at 0.  Centre only data whose baseline is the mean.
    g_range : (float, float) or "auto", default="auto"
        Range of g, with low < 0 < high; from -1 on, no local coefficient changes its sign.  "auto":
        [-1, 1] for regression, [-2, 2] for classification, see :mod:`nimo.paper.families`.
    use_correction, mask_self, zero_at_baseline : bool, default=True
        Ablations: without g; g_j sees x_j; g_j is not 0 at the baseline.
    batch_rows : int, None or "auto", default="auto"
        Rows drawn for each step; None: all.  "auto": all, unless there are very many.
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
        (With ``zero_at_baseline=False`` coef_ is beta only, see
        :meth:`marginal_effect_at_baseline`.)
    baseline_ : (d,)
        The point m, on the scale of the given features, at which all corrections are 0: the
        means of the training rows (without the rows split off for validation) if ``standardize``
        is True, 0 otherwise.  With X that is not centred, 0 may lie far from the data; the model
        is as flexible, but coef_ then describes that far point.
    first_layer_weights_ : (h, d)
        On the scale of the given features; several members are stacked.
    interaction_weights_ : (d,)
        Norms of the first layer's columns, on the scale that the network sees.
    selected_features_, interaction_features_ : (d,) bool
        Features with a coefficient; features that modulate the effect of another.
    modulated_by_ : (d, d) bool
        Whether feature j (row) is modulated by k (column).
    bent_features_ : (d,) bool
        None: curves are NIMO+'s.
    fit_info_ : dict
        What was chosen.

    Examples
    --------
    The effect of the first feature depends on the second.

    >>> import numpy as np
    >>> from nimo import NIMORegressor
    >>> X = np.random.default_rng(0).uniform(-2, 2, (200, 3))
    >>> y = 3 * X[:, 0] * (1 + np.tanh(X[:, 1])) - 2 * X[:, 1]
    >>> model = NIMORegressor(max_steps=60, standardize=False, random_state=0).fit(X, y)
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
        penalty="auto",
        group_penalty="auto",
        delta=1.0,
        hidden="auto",
        sine_frequency="auto",
        noise=0.2,
        learning_rate="auto",
        max_steps="auto",
        n_init="auto",
        validation_fraction=0.25,
        standardize=True,
        use_correction=True,
        g_range="auto",
        mask_self=True,
        zero_at_baseline=True,
        batch_rows="auto",
        settings=None,
        device="cpu",
        n_jobs=None,
        verbose=False,
        random_state=None,
    ):
        self.selection = selection
        self.relax = relax
        self.penalty = penalty
        self.group_penalty = group_penalty
        self.delta = delta
        self.hidden = hidden
        self.sine_frequency = sine_frequency
        self.noise = noise
        self.learning_rate = learning_rate
        self.max_steps = max_steps
        self.n_init = n_init
        self.validation_fraction = validation_fraction
        self.standardize = standardize
        self.use_correction = use_correction
        self.g_range = g_range
        self.mask_self = mask_self
        self.zero_at_baseline = zero_at_baseline
        self.batch_rows = batch_rows
        self.settings = settings
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state
        self.family = family

    @transactional
    def fit(self, X, y, X_val=None, y_val=None, sample_weight=None):
        """Fit on (X, y); validation rows select penalties and the stopping point.

        Parameters
        ----------
        X : (n, number of features)
            A frame of pandas or polars, or an array; NaN and None are missing.
        y : (n,)
        X_val, y_val : validation rows, optional
            Without them ``validation_fraction`` of the rows is split off.
        sample_weight : (n,), optional
            A row of weight w counts as w rows; whole numbers, or all equal.

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
        """Predicted response of each row, (n,)."""
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
