"""docs/contract.md: what a method may offer, from the outputs' declarations."""

from __future__ import annotations

import inspect

import baselines.contract
from benchmark import ROOT, outputs

PAGE = ROOT / "docs" / "contract.md"
HEAD = """# The contract of a method

One file in `baselines/` with `METHOD = Method(...)`; [CONTRIBUTING.md](../CONTRIBUTING.md) walks
through an example. This page is made by `python -m tools.docs`.

## What `build` must return

`build(task, params, seed)` returns an object in scikit-learn's manner:

* `fit(X, y, X_val=..., y_val=...)`, which returns the object. X is (n, d) float64; y is (n,)
  float64 or, for classification, integers 0/1. With `frame` X may be a frame. `validation` says
  what becomes of the validation rows; a method that trains on them may be given no others. Test
  rows are never handed over.
* `predict(X)`, which returns (n,) real values, or class labels 0/1.

## What it may offer

Each is optional. What a method lacks is a dash in the tables, never a zero. There are n test rows
and d features.

"""
TAIL = """
`coef_is_local_ = True` says that there is no global coefficient: the mean of `local_coef` over the
test rows stands for it. `fit_info_` is a dictionary of JSON scalars worth recording (a chosen
penalty, epochs). `refit_params_` holds parameters that the validation rows have found, such as a
number of rounds: with them a method that trains on all rows is built once more.

Of a frame d counts its columns. A category has no slope: in `coef_` and `local_coef` its entry is
left out. Explainers do not look at a fit of a frame, since they move numbers.

A method never sees test labels and never computes a metric of the comparison.

## What `Method` declares

```text
{declaration}
```
"""


def page() -> str:
    """The page's text."""
    declaration = inspect.getdoc(baselines.contract.Method)
    return HEAD + outputs.page() + TAIL.format(declaration=declaration)
