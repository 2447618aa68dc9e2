"""Reading a fitted model: what each feature does, as a table, a formula, a curve, a drawing.

Everything here works on both models, the paper's and the extended one.  Shapes: n rows, d features.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import norm
from sklearn.utils.validation import check_is_fitted

#: What a feature can be.  One that is absent may still modulate another.
KINDS = ("absent", "linear", "bent", "modulated", "both")


class Reading:
    """Methods that an estimator has once it is fitted."""

    coef_: np.ndarray  # (d,)
    baseline_: np.ndarray  # (d,)
    modulated_by_: np.ndarray  # (d, d) bool
    bent_features_: np.ndarray  # (d,) bool
    coef_std_: np.ndarray  # (d,), amplitude="free" only
    _at_baseline: float
    _validated: Callable[[Any], np.ndarray]
    _local_coef: Callable[[np.ndarray], np.ndarray]
    shape: Callable[[int, Any], np.ndarray]

    def _check_readable(self) -> None:
        check_is_fitted(self)
        if hasattr(self, "estimators_"):
            raise AttributeError(
                "there is one model for each class: read estimators_[k] for class classes_[k]"
            )

    def _names(self) -> list[str]:
        names = getattr(self, "feature_names_in_", None)
        return [f"x{j + 1}" for j in range(len(self.coef_))] if names is None else list(names)

    def _number(self, feature: int | str) -> int:
        names = self._names()
        if isinstance(feature, str) and feature in names:
            return names.index(feature)
        if isinstance(feature, int | np.integer) and 0 <= feature < len(names):
            return int(feature)
        raise ValueError(
            f"feature must be a name or a number from 0 to {len(names) - 1}, got {feature!r}"
        )

    def term_kinds(self) -> np.ndarray:
        """What each feature is, (d,) of :data:`KINDS`."""
        self._check_readable()
        modulated, bent = self.modulated_by_.any(1), self.bent_features_
        kinds = np.where(self.coef_ != 0, "linear", "absent").astype(object)
        kinds[bent], kinds[modulated], kinds[bent & modulated] = "bent", "modulated", "both"
        return kinds

    def term_table(self) -> list[dict[str, Any]]:
        """What each feature does, one dictionary per feature.

        Keys: feature; kind, one of :data:`KINDS`; coef; std (None where the model has no interval);
        modulated_by and modulates, lists of names.
        """
        names = np.array(self._names(), dtype=object)
        std = getattr(self, "coef_std_", None)
        return [
            {
                "feature": names[j],
                "kind": kind,
                "coef": float(self.coef_[j]),
                "std": None if std is None else float(std[j]),
                "modulated_by": list(names[self.modulated_by_[j]]),
                "modulates": list(names[self.modulated_by_[:, j]]),
            }
            for j, kind in enumerate(self.term_kinds())
        ]

    def formula(self) -> str:
        """The model as text: v_j are modulations, s_j shapes, both 0 at the baseline."""
        self._check_readable()
        names, parts = self._names(), [f"{self._at_baseline:.3g}"]
        for j, row in enumerate(self.term_table()):
            name, base = names[j], self.baseline_[j]
            shift = "" if base == 0 else f" {'-' if base > 0 else '+'} {abs(base):.3g}"
            x = f"({name}{shift})" if shift else name
            inner = [f"{self.coef_[j]:.3g}"] if self.coef_[j] != 0 else []
            if row["modulated_by"]:
                inner.append(f"v_{name}({', '.join(row['modulated_by'])})")
            if inner:
                factor = inner[0] if len(inner) == 1 else f"[{' + '.join(inner)}]"
                parts.append(f"{factor} {x}")
            if self.bent_features_[j]:
                parts.append(f"s_{name}({name})")
        return " + ".join(parts).replace("+ -", "- ")

    def contributions(self, X) -> np.ndarray:
        """What each feature adds to the linear predictor of each row.

        (x_j - m_j) (beta_j + v_j(x_-j)) + s_j(x_j): their sum and the linear predictor at the
        baseline m are the linear predictor of the row.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n, d) ndarray
        """
        self._check_readable()
        rows = self._validated(X)
        found = (rows - self.baseline_) * self._local_coef(rows)
        for j in np.flatnonzero(self.bent_features_):
            found[:, j] += self.shape(int(j), rows[:, j])
        return found

    def local_intercept(self, X) -> np.ndarray:
        """What is left of each row's linear predictor without the contributions, (n,).

        The same in every row: the linear predictor at the baseline.
        """
        self._check_readable()
        return np.full(len(self._validated(X)), self._at_baseline)

    def coef_interval(self, level: float = 0.95) -> np.ndarray:
        """Central posterior interval of each coefficient, given the terms that were selected.

        That the terms were selected is not in it.  A coefficient that was left out has (0, 0).
        docs/nimo_plus.md has the coverage that was measured.

        Parameters
        ----------
        level : float between 0 and 1

        Returns
        -------
        (d, 2) ndarray

        Raises
        ------
        AttributeError
            amplitude="tied": the paper's model has no posterior.
        ValueError
            A level outside (0, 1).
        """
        self._check_readable()
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1, got {level!r}")
        if not hasattr(self, "coef_std_"):
            raise AttributeError("intervals need amplitude='free'; this model has amplitude='tied'")
        half = norm.ppf(0.5 + level / 2) * self.coef_std_
        return np.column_stack([self.coef_ - half, self.coef_ + half])
