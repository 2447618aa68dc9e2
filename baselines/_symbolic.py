"""The package gplearn in the suite's manner."""

from __future__ import annotations

import numpy as np
from gplearn.genetic import SymbolicClassifier, SymbolicRegressor
from sklearn.utils import check_X_y

from baselines._score import ScoreModel, center_and_scale


class Symbolic(ScoreModel):
    """One formula of +, -, * and / that genetic programming finds.

    A real target is standardised with training moments inside: the constants are drawn from
    (-1, 1).  The loss is that of the task, squared error or log-loss; the package's own for real
    targets is the absolute error.  All else is the package's default.  The validation rows are not
    looked at.

    Parameters
    ----------
    task : {"regression", "classification"}
    population_size, generations : int
        The budget: their product is the number of formulas that are tried.
    seed : int

    Attributes
    ----------
    formula_ : str
        X0 is the first feature; of the standardised target, or of the logit.
    selected_features_ : (d,) bool array
        Features in the formula.
    """

    def __init__(self, task="regression", *, population_size=1000, generations=20, seed=0):
        self.task = task
        self.population_size = population_size
        self.generations = generations
        self.seed = seed

    def fit(self, X, y, X_val=None, y_val=None):
        """Fit on (X, y).

        Raises
        ------
        ValueError
            NaN, infinite values, or rows of X and y that do not match.
        """
        X, y = check_X_y(X, y)
        self.n_features_in_ = X.shape[1]
        self._center, self._scale = center_and_scale(y, self.task)
        settings = {
            "population_size": self.population_size,
            "generations": self.generations,
            # a contest has 20 programs, and no more than there are
            "tournament_size": min(20, self.population_size),
            "random_state": self.seed,
            "n_jobs": 1,
            "low_memory": True,  # the formulas of earlier generations are not kept
        }
        if self.task == "regression":
            model = SymbolicRegressor(metric="mse", **settings)
            model.fit(X, (y - self._center) / self._scale)
        else:
            model = SymbolicClassifier(**settings)
            model.fit(X, y)
        self._program = model._program
        self.formula_ = str(self._program)
        self.selected_features_ = np.zeros(X.shape[1], dtype=bool)
        self.selected_features_[[p for p in self._program.program if isinstance(p, int)]] = True
        self.fit_info_ = {"formula": self.formula_, "length": int(self._program.length_)}
        return self

    @property
    def reading_(self):
        """What a reader has to hold: every place of the formula with a number or a feature."""
        places = self._program.program
        return {"coefficients": sum(isinstance(place, int | float) for place in places)}

    def decision_function(self, X):
        """(n,) predicted values, or logits."""
        return self._program.execute(self._checked(X)) * self._scale + self._center
