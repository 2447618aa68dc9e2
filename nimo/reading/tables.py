"""Reading a fitted model: what each feature does, in general and in one row; tables and formula.

Everything here works on both models, the paper's and NIMO+.  Shapes: n rows, d features.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import t
from sklearn.utils.validation import check_is_fitted, validate_data

from nimo.reading.fitted import FittedModel

#: What the linear predictor and the mean response are, by family.
QUANTITIES = {
    "gaussian": ("prediction", None),
    "binomial": ("log-odds", "probability"),
    "poisson": ("log of the count", "expected count"),
    "gamma": ("log of the amount", "expected amount"),
    "quantile": ("quantile", None),
}
COLUMNS = ("value", "baseline", "coef", "local_coef", "shape", "contribution")
#: What a feature can be.  One that is absent may still modulate another.
KINDS = ("absent", "linear", "nonlinear", "modulated", "both")


class Reading(FittedModel):
    """Methods that an estimator has once it is fitted."""

    coef_std_: np.ndarray  # (d,), NIMO+ only
    _freedom: float  # degrees of freedom of its noise, NIMO+ only

    def _check_readable(self) -> None:
        check_is_fitted(self)
        if hasattr(self, "estimators_"):
            raise AttributeError(
                "there is one model for each class: read estimators_[k] for class classes_[k]"
            )

    def _validated(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return np.asarray(validate_data(self, X, dtype=np.float64, reset=False))

    def _names(self) -> list[str]:
        table = getattr(self, "_table", None)  # it has names that are integers, too
        names = getattr(self, "feature_names_in_", None) if table is None else table.names
        return [f"x{j + 1}" for j in range(len(self.baseline_))] if names is None else list(names)

    def _from_baseline(self, j: int) -> str:
        """A feature less its baseline, as text."""
        name, base = self._names()[j], self.baseline_[j]
        return name if base == 0 else f"({name} {'-' if base > 0 else '+'} {abs(base):.3g})"

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
        """What each feature is.

        Returns
        -------
        (d,) ndarray of "absent", "linear", "nonlinear" (a shape function), "modulated" or "both"
        """
        self._check_readable()
        modulated, nonlinear = self.modulated_by_.any(1), self.nonlinear_features_
        kinds = np.where(self.coef_ != 0, "linear", "absent").astype(object)
        kinds[nonlinear], kinds[modulated], kinds[nonlinear & modulated] = (
            "nonlinear",
            "modulated",
            "both",
        )
        return kinds

    def term_table(self) -> list[dict[str, Any]]:
        """What each feature does, one dictionary per feature.

        Keys: feature; kind, one of :data:`KINDS`; coef; std (None where the model has no interval);
        modulated_by and modulates, lists of names.

        Returns
        -------
        list of d dictionaries
        """
        self._check_readable()
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
        """The model as text: v_j are modulations, 0 at the baseline.

        Returns
        -------
        str
        """
        self._check_readable()
        parts = [f"{self._at_baseline:.3g}"]
        for j, row in enumerate(self.term_table()):
            name = row["feature"]
            inner = [f"{self.coef_[j]:.3g}"] if self.coef_[j] != 0 else []
            if row["modulated_by"]:
                inner.append(f"v_{name}({', '.join(row['modulated_by'])})")
            if inner:
                factor = inner[0] if len(inner) == 1 else f"[{' + '.join(inner)}]"
                parts.append(f"{factor} {self._from_baseline(j)}")
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
        return self._parts(self._validated(X))

    def _parts(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self.baseline_) * self._local_coef(rows) + self._shapes(rows)

    def _shapes(self, rows: np.ndarray) -> np.ndarray:
        """s_j(x_j) of each row, (n, d)."""
        found = np.zeros(rows.shape)
        for j in np.flatnonzero(self.nonlinear_features_):
            found[:, j] = self.shape(int(j), rows[:, j])
        return found

    def local_intercept(self, X) -> np.ndarray:
        """What is left of each row's linear predictor without the contributions.

        The same in every row: the linear predictor at the baseline.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        (n,) ndarray
        """
        self._check_readable()
        return np.full(len(self._validated(X)), self._at_baseline)

    def row_table(self, X) -> list[dict[str, Any]]:
        """What makes up the linear predictor of each row, one dictionary per row and feature.

        Keys: row, its number in X; feature; value; baseline; coef, the coefficient at the baseline;
        local_coef, that of this row; shape, what the feature's shape function adds; contribution,
        which is (value - baseline) local_coef + shape.  The contributions of a row and its
        :meth:`local_intercept` add up to its linear predictor.

        Parameters
        ----------
        X : (n, d)

        Returns
        -------
        list of n d dictionaries
            Row by row; ``pandas.DataFrame(...)`` takes it as it is.
        """
        self._check_readable()
        rows, names = self._validated(X), self._names()
        local, shapes = self._local_coef(rows), self._shapes(rows)
        parts = self._parts(rows)
        constant = np.broadcast_to([self.baseline_, self.coef_], (len(rows), 2, len(names)))
        cells = np.stack([rows, *constant.swapaxes(0, 1), local, shapes, parts], axis=2)
        return [
            {"row": i, "feature": name, **dict(zip(COLUMNS, map(float, cells[i, j]), strict=True))}
            for i in range(len(rows))
            for j, name in enumerate(names)
        ]

    def row_text(self, X, names=None) -> str:
        """:meth:`row_table` as text: a block per row, the largest contribution first.

        Features that take no part in the model are left out and counted.  Below them stand the
        linear predictor at the baseline, that of the row and, where it is something else, the
        expected response.

        Parameters
        ----------
        X : (n, d)
        names : d str, optional
            In place of the names that were given to ``fit``.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            Another number of names than of features.
        """
        self._check_readable()
        d = len(self.coef_)
        labels = self._names() if names is None else [str(name) for name in names]
        if len(labels) != d:
            raise ValueError(f"names must be {d} words, one per feature, got {names!r}")
        table = self.row_table(X)
        used = np.flatnonzero((self.term_kinds() != "absent") | self.modulated_by_.any(0))
        name, response = QUANTITIES[self.family_]
        blocks = []
        for start in range(0, len(table), d):
            of_row = table[start : start + d]
            order = sorted(used, key=lambda j: -abs(of_row[j]["contribution"]))
            cells = [[labels[j], *(_written(of_row[j][c]) for c in COLUMNS)] for j in order]
            total = self._at_baseline + sum(entry["contribution"] for entry in of_row)
            ends = [(f"{name} at the baseline", self._at_baseline), (name, total)]
            if response is not None:
                ends.append((response, float(self._mean(np.array(total)))))
            lines = _aligned([[f"row {of_row[0]['row']}", *COLUMNS], *cells], ends)
            if len(used) < d:
                lines.append(f"{d - len(used)} of {d} features are not in the model")
            blocks.append("\n".join(lines))
        return "\n\n".join(blocks)

    def coef_interval(self, level: float = 0.95) -> np.ndarray:
        """Central posterior interval of each coefficient, given the terms that were selected.

        That the terms were selected is not in it.  A coefficient that was left out has (0, 0).

        Parameters
        ----------
        level : float between 0 and 1

        Returns
        -------
        (d, 2) ndarray

        Raises
        ------
        AttributeError
            The paper's model has no posterior.
        ValueError
            A level outside (0, 1).
        """
        self._check_readable()
        check_level(level)
        if not hasattr(self, "coef_std_"):
            raise AttributeError(
                f"{type(self).__name__} has no posterior: intervals are those of NIMOPlusRegressor "
                "and NIMOPlusClassifier"
            )
        half = t.ppf(0.5 + level / 2, self._freedom) * self.coef_std_
        return np.column_stack([self.coef_ - half, self.coef_ + half])


def check_level(level: float) -> None:
    """
    Raises
    ------
    ValueError
        Not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level!r}")


def _written(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _aligned(cells: list[list[str]], ends: list[tuple[str, float]]) -> list[str]:
    """Lines of a table whose first column is words; ``ends`` stand below its last column."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        line[0].ljust(widths[0])
        + "".join(f"  {cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in cells
    ]
    rest = len(lines[0])
    return lines + [name + f"{value:.4g}".rjust(rest - len(name)) for name, value in ends]
