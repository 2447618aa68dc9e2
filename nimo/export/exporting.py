"""What a fitted estimator can be written as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from nimo.export.document import FORMAT, VERSION, decoded, encoded
from nimo.export.python import ENDS, source
from nimo.export.sql import select
from nimo.export.terms import Terms, terms_of
from nimo.frames.table import Table
from nimo.plus.model import AnchoredModel
from nimo.plus.path import Step
from nimo.transaction import SET_BY_FIT


class Exporting:
    """Methods of a fitted estimator."""

    model_: AnchoredModel
    family_: str
    _table: Table
    _steps: Callable[[], list[Step]]
    _by_name: Callable[[str], Any]

    def to_dict(self, *, posterior: bool = False) -> dict[str, Any]:
        """The fitted estimator in JSON's types; :meth:`from_dict` reads it.

        ``json.dumps`` writes it without loss: it rounds no number, and what is not finite is text.

        Parameters
        ----------
        posterior : bool, default=False
            With what intervals, standard deviations of predictions and the path need, often a
            hundred times as much; ``coef_std_`` is there without it.

        Returns
        -------
        dict
            ``format``, ``version``, ``estimator``, ``parameters`` and ``fitted``.
        """
        check_is_fitted(self)
        given = self.get_params(deep=False)  # type: ignore[attr-defined]
        # a document has no Series: these go by the order of the columns
        given |= {key: self._by_name(key) for key in ("baseline", "monotonic_cst")}
        names = vars(self)[SET_BY_FIT] - {SET_BY_FIT, "_origin"}
        fitted = {key: getattr(self, key) for key in sorted(names)}
        fitted["_path"] = self._steps() if posterior else []
        if not posterior:
            fitted["model_"] = replace(self.model_, members=[])
        return {
            "format": FORMAT,
            "version": VERSION,
            "estimator": type(self).__name__,
            "parameters": {key: encoded(value) for key, value in sorted(given.items())},
            "fitted": {key: encoded(value) for key, value in fitted.items()},
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]):
        """The fitted estimator of a document; nothing in it is run.

        Parameters
        ----------
        document : dict
            Of :meth:`to_dict`.

        Returns
        -------
        A fitted estimator, with the same predictions.

        Raises
        ------
        ValueError
            No such document; one of another version, or of another estimator.
        """
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError(f"from_dict takes a dictionary of to_dict, got {document!r:.60}")
        if document.get("version") != VERSION:
            raise ValueError(
                f"the document has version {document.get('version')!r}, this package reads "
                f"version {VERSION}"
            )
        if document.get("estimator") != cls.__name__:
            raise ValueError(
                f"the document holds a {document.get('estimator')}, read it with that class and "
                f"not with {cls.__name__}"
            )
        for key in document["fitted"]:
            # what a fit sets, and no method
            if hasattr(cls, key) or "_" not in (key[:1], key[-1:]):
                raise ValueError(f"a fitted {cls.__name__} has no attribute {key!r}")
        model = cls(**{key: decoded(value) for key, value in document["parameters"].items()})
        given = frozenset(vars(model))
        fitted = {key: decoded(value) for key, value in document["fitted"].items()}
        vars(model).update(fitted)
        vars(model)["_origin"] = None
        vars(model)[SET_BY_FIT] = frozenset(vars(model)) - given | {SET_BY_FIT}
        return model

    def to_python(self) -> str:
        """The fitted model as the source of a module that needs nothing but Python.

        It has ``predict(row)``, with a mapping from columns' names (x1, x2, ... where the model was
        fitted on an array) to values; None, NaN and pandas' NA are missing, a name that the mapping
        lacks is a KeyError.  A classifier's has ``predict_proba(row)`` too, in the order of its
        ``CLASSES``.

        Returns
        -------
        str
        """
        classes = self._classes()
        return source(self._terms(), type(self).__name__, classes)

    def to_sql(
        self,
        table: str | Sequence[str],
        keys: str | Sequence[str] = (),
        column: str = "prediction",
    ) -> str:
        """The fitted model as one SELECT over a table that has the features as columns.

        NULL is a missing value.  The result has a row for each of the table's: the prediction; a
        classifier's has a column for each class, its probability, named after ``column`` and the
        class.  Labels, counts and modulations need the function ``exp``.  A column that the table
        lacks is an error of the database.

        Parameters
        ----------
        table : str or sequence of str
            Its name; with its schema ``("schema", "table")``.
        keys : str or sequence of str
            Columns of the table that the result has too, to tell its rows.
        column : str
            Name of the prediction.

        Returns
        -------
        str
        """
        classes = self._classes()
        return select(self._terms(), table, keys, classes, column)

    def _terms(self) -> Terms:
        check_is_fitted(self)
        if self.family_ not in ENDS:
            raise NotImplementedError(
                f"Python and SQL know the families {', '.join(ENDS)}, not {self.family_!r}: take "
                "to_dict"
            )
        return terms_of(self.model_, self._table, self.family_)

    def _classes(self) -> np.ndarray | None:
        check_is_fitted(self)
        return getattr(self, "classes_", None)
