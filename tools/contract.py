"""Write docs/contract.md, what a method may offer, and in docs/methods.md what each is given.

``python -m tools.contract [--check]``: from the outputs' declarations and those of the methods;
with ``--check`` the exit code says if both are up to date.
"""

from __future__ import annotations

import argparse
import sys

import baselines.contract
from benchmark import ROOT, outputs

PAGE = ROOT / "docs" / "contract.md"
METHODS = ROOT / "docs" / "methods.md"
HEAD = """# The contract of a method

One file in `baselines/` with `METHOD = Method(...)`; [CONTRIBUTING.md](../CONTRIBUTING.md) walks
through an example. This page is made by `python -m tools.contract`.

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


#: what stands around the generated part of the page of methods
START, END = "<!-- from the declarations -->\n", "<!-- end -->\n"
USES = {"stops": "stop it", "chooses": "choose", "trains": "not needed"}


def given() -> str:
    """What each method is given, as a table in Markdown."""
    head = ("method", "validation rows", "in practice", "categories and gaps")
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for method in map(baselines.load, baselines.names()):
        trains = method.validation == "trains"
        again = ", what was chosen is fitted again" if method.configurations else ""
        cells = (
            f"`{method.name}`",
            USES[method.validation],
            f"trained on{again}" if trains else "the same",
            "as they are" if method.frame else "encoded",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def methods_page(text: str) -> str:
    """The page of methods with the table of today's declarations."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{given()}\n{END}{after}"


def page() -> str:
    """The page's text."""
    import inspect

    declaration = inspect.getdoc(baselines.contract.Method)
    return HEAD + outputs.page() + TAIL.format(declaration=declaration)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    methods = METHODS.read_text()
    if parser.parse_args(arguments).check:
        same = PAGE.exists() and PAGE.read_text() == page() and methods == methods_page(methods)
        sys.exit(not same)
    PAGE.write_text(page())
    METHODS.write_text(methods_page(methods))


if __name__ == "__main__":
    main()
