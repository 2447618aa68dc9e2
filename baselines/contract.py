"""What a file in this folder has to provide, and nothing else.

A method is one module with a module-level ``METHOD = Method(...)``.  Its ``build`` returns an
object in scikit-learn's manner:

``fit(X, y, X_val=..., y_val=...)``
    ``X`` (n, d) float64, or a frame where the method asks for one and the table holds more than
    numbers; ``y`` (n,) float64 or, for classification, integers 0/1.  What becomes of the
    validation rows, ``Method.validation`` says; a method that trains on them, where it may, is then
    given no others.  Test rows are never handed over.
``predict(X)``
    (n,) predictions: real values, or class labels 0/1.
``predict_proba(X)`` (classification, optional)
    (n, 2) class probabilities.

What else a fitted estimator may offer (coefficients, corrections, selected features, ...) is listed
in docs/contract.md, made from ``benchmark.outputs``; each is optional, and a method that lacks one
gets a dash in the tables.  ``coef_is_local_ = True`` says that there is no global coefficient: the
mean of ``local_coef`` over the test rows stands for it.  ``fit_info_`` is a dictionary of JSON
scalars that are worth recording (a chosen penalty, epochs).  ``refit_params_`` holds parameters
that validation rows have found, such as a number of rounds: with them a method that trains on all
rows is built once more.  Where fits are explained, ``gradient(X)`` (n, d) spares differences of the
response, and ``agop_`` (d, d) is a feature matrix that the model is fitted by.

A method never sees test labels and never computes a metric of the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

TASKS = ("regression", "classification")
#: the class of the error of a fit that the method itself has declined
NOT_DONE = "NotDone"
#: what a method does with validation rows that are its own
VALIDATION = {
    "stops": "they end its training",
    "chooses": "they choose among its fits",
    "trains": "it needs none: where they are its own, it is trained on them too",
}
#: what pages, tables and figures know of a method besides its results
GROUPS = {
    "black_box": "its prediction cannot be read off a few numbers or curves",
    "linear": "a straight line, the simplest of its task",
    "network": "a plain network, which is explained afterwards",
    "ours": "NIMO or a variant of it",
    "main": "the one of ours that a run is told about where it has several",
    "steps": "its prediction changes in steps, as that of trees does",
    "smooth": "its prediction is smooth: a network, a kernel, a sum of curves",
}
#: what a reader tells methods apart by: of the groups above the first that a method is in
FAMILIES = {
    "ours": "ours",
    "linear": "linear",
    "black_box": "black box",
    "readable": "other readable",
}


@dataclass(frozen=True)
class Method:
    """A method, declared.

    Parameters
    ----------
    name : str
        The word used in a config and for the Snakemake rule; equals the file name.
    label : str
        The name shown in tables and figures.
    tasks : tuple of {"regression", "classification"}
    build : callable (task, params, seed) -> estimator
        Import heavy libraries inside it.  ``seed`` is the only source of randomness.
    source : str
        The reference a reader should be sent to.
    grid : mapping of str to list
        Hyper-parameters tried on the validation rows by the suite, as in scikit-learn's
        ``ParameterGrid``.  A method that selects by itself leaves one value each.
    configurations : tuple of mapping
        In place of a grid, for a method with more hyper-parameters than a grid can hold: the
        published default first, then draws from the published search space
        (``baselines._search``).  A run fits the first ``tuning`` of them, as its config says, and
        keeps the one that does best on the validation rows.
    smoke : mapping of str to list
        The grid, reduced: one fit should end within a second or two.  Beside configurations, one
        value each, which replaces theirs.
    requires : tuple of str
        Distributions (the names that pip knows) that must be installed.  Where one is not, the
        method is refused or skipped, as the config says.
    extra : str, optional
        The extra of pyproject.toml that installs them.
    implementation : str, optional
        For a method that may run in more than one way: a module with ``resolve(choice)``, which
        returns a dictionary with ``name`` (what runs, for readers), ``params`` (added to every
        point of the grid), ``environment`` (variables of the worker processes), ``versions`` (part
        of the fit's key) and ``reason``.  It is asked once per run; ``choice`` is "auto" or what
        the config says under ``implementation``: one of the module's ``CHOICES``, if it has them.
        ``params`` tell implementations apart, and ``name`` starts with the choice.  A function
        ``setup()`` beside it may return what the answer rests on, as JSON: when that changes, it is
        asked anew.
    groups : tuple of str
        Words of ``GROUPS``: by these sentences and figures know whom they speak of.
    stands_for : str, optional
        A method of the published values that it is held against, besides the one of that name.
    skip : callable (task, X, y) -> str or None
        Why the method does not do a data set, told by its training rows; None: it does.  Its fits
        are then skipped, and tables give the reason.
    frame : bool
        True: ``X`` is a pandas.DataFrame where the table has a category or a missing value: the
        columns as they were read, numbers standardised and NaN where missing, categories as text
        and None where missing, ordered ones as ``pandas.Categorical``.  A level may be new in
        prediction.  Outputs have one entry for each of these columns.  Elsewhere, and with False
        everywhere, it is the matrix: categories are columns of 0 and 1, gaps are filled and marked.
    validation : {"stops", "chooses", "trains"}
        What it does with validation rows (``VALIDATION``).  "trains": a run whose config says
        ``protocol: practice`` calls ``fit(X, y)`` with training and validation rows of a real table
        together; a configuration has been chosen before, as in every run.
    fit_many : callable (estimators, X, y, X_val, y_val) -> list, optional
        Fits what ``build`` has made of several configurations at once, each as its own ``fit``
        would, and returns for each None or the exception that its fit ended with.
    parameters : tuple of str
        What a name may set, as in ``nimo[input_noise=0]``, besides what the grid or the
        configurations vary.
    code : tuple of str
        Files that decide the result and that no import shows, such as data, relative to the project
        root.  The method's file and all that it imports, wherever, count anyway
        (:mod:`benchmark.closure`): a change of what they execute repeats the fits.
    aside : tuple of str
        Modules that its code imports for readers, such as drawing: no fit and no prediction does,
        and a change of them, or of what is imported there alone, repeats nothing.
    random : bool
        False: the seed has no part in the result.

    Raises
    ------
    ValueError
        A task, a group or a use of validation rows that does not exist, a grid that is not made of
        non-empty lists, or both a grid and configurations.
    """

    name: str
    label: str
    tasks: tuple[str, ...]
    build: Callable[[str, Mapping[str, Any], int], Any]
    source: str
    grid: Mapping[str, list] = field(default_factory=dict)
    configurations: tuple[Mapping[str, Any], ...] = ()
    smoke: Mapping[str, list] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    extra: str | None = None
    implementation: str | None = None
    groups: tuple[str, ...] = ()
    stands_for: str | None = None
    skip: Callable[[str, Any, Any], str | None] | None = None
    frame: bool = False
    validation: str = "stops"
    fit_many: Callable[..., list] | None = None
    parameters: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    random: bool = True

    @property
    def family(self) -> str:
        """One of ``FAMILIES``; readable where no group says otherwise."""
        return next((name for name in FAMILIES if name in self.groups), "readable")

    @property
    def settable(self) -> list[str]:
        """The parameters that a name may set, in alphabetical order."""
        varied = {key for configuration in self.configurations for key in configuration}
        return sorted({*self.parameters, *self.grid, *varied})

    def __post_init__(self):
        unknown = [t for t in self.tasks if t not in TASKS]
        if unknown or not self.tasks:
            raise ValueError(f"method {self.name!r}: tasks must be among {TASKS}, got {self.tasks}")
        if strange := sorted(set(self.groups) - set(GROUPS)):
            raise ValueError(
                f"method {self.name!r}: groups must be among {tuple(GROUPS)}, got {strange[0]!r}"
            )
        if self.validation not in VALIDATION:
            raise ValueError(
                f"method {self.name!r}: validation must be among {tuple(VALIDATION)}, "
                f"got {self.validation!r}"
            )
        for grid in (self.grid, self.smoke):
            for key, values in grid.items():
                if not isinstance(values, list | tuple) or not values:
                    raise ValueError(
                        f"method {self.name!r}: {key} must be a list of values, got {values!r}"
                    )
        if self.configurations and self.grid:
            raise ValueError(f"method {self.name!r}: give a grid or configurations, not both")
        several = [key for key, values in self.smoke.items() if len(values) > 1]
        if self.configurations and several:
            raise ValueError(
                f"method {self.name!r}: beside configurations, smoke has one value each; "
                f"{several[0]} has {len(self.smoke[several[0]])}"
            )
