"""The key of a fit: a hash of everything that decides its outcome, and of nothing else.

That is what the method sees (rows, parameters, seed), its code and that of the worker, and
versions.  Truth, metrics, tables and what the judge does lie outside: changing them repeats no fit.
Of code only what is executed counts, not its comments and docstrings.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from itertools import product
from pathlib import Path

import baselines
from baselines.contract import Method
from benchmark import ROOT, closure, provenance, storage
from benchmark.datasets import DataSet

#: what runs a method's code, and decides what is recorded of a fit
WORKER = "benchmark.fitting.worker"


def grid_of(method, reduced: bool, params=None, tuning: int = 1) -> list[dict]:
    """What is tried in one fit, in a fixed order.

    Parameters
    ----------
    method : baselines.contract.Method
    reduced : whether the run is a reduced one
    params : mapping, which holds for every point
    tuning : the number of configurations, for a method that has a list of them

    Returns
    -------
    list of dict
        All points of the method's grid, or the first ``tuning`` of its configurations.
    """
    if method.configurations:
        smoke = {k: v[0] for k, v in method.smoke.items()} if reduced else {}
        return [{**c, **smoke, **(params or {})} for c in method.configurations[:tuning]]
    grid = {k: list(v) for k, v in (method.smoke if reduced else method.grid).items()}
    grid |= {k: [v] for k, v in (params or {}).items()}
    names = sorted(grid)
    return [dict(zip(names, values, strict=True)) for values in product(*map(grid.get, names))]


def trains_on_all(config, dataset: DataSet, method: Method) -> bool:
    """Whether validation rows are training rows in the end.

    In practice they are, of a real table, for a method that needs none.
    """
    practice = config["protocol"] == "practice"
    return practice and not dataset.independent and method.validation == "trains"


def key(*, method, grid, code, data, seed, versions, all_rows=False) -> str:
    """sha256 of what decides the outcome of one fit."""
    return storage.sha256_of(
        {
            "method": method,
            "grid": grid,
            "code": code,
            "data": data,
            "seed": seed,
            "versions": versions,
            "all_rows": all_rows,
        }
    )


@cache
def code_sha256(method: str, root=ROOT) -> str:
    """sha256 of the code that decides what a method predicts: its own, the worker's, imports."""
    files = {*provenance.method_files(method, root), *closure.files([WORKER], root=root)}
    return sha256_code(Path(root) / file for file in files)


def code_file(method: str, renew: bool) -> str:
    """A file with :func:`code_sha256` and versions, which Snakemake can take for an input.

    It changes when what a method's code executes changes, and with no comment; and when one of
    the packages that it rests on is installed or replaced, so that what was skipped is fitted.
    It is the same whatever parameters a name sets.

    Parameters
    ----------
    renew : whether to write it where it is not up to date
    """
    path = Path(".snakemake") / "code" / f"{baselines.base(method)}.txt"
    if renew:
        versions = [f"{name} {version}" for name, version in provenance.versions(method).items()]
        content = "\n".join([code_sha256(method), *versions, ""])
        if not (path.exists() and path.read_text() == content):
            storage.write_text(path, content)
    return str(path)


def sha256_code(paths) -> str:
    """sha256 over the names and the executed content of source files, in the order of names."""
    total = hashlib.sha256()
    for path in sorted(map(Path, paths)):
        total.update(path.name.encode() + b"\0" + executed(path) + b"\0")
    return total.hexdigest()


def executed(path: Path) -> bytes:
    """A source file without what is not executed; files that are not Python as they are."""
    content = path.read_bytes()
    return _executed(content) if path.suffix == ".py" else content


@cache  # methods share most of their files
def _executed(content: bytes) -> bytes:
    try:
        tree = ast.parse(content)
    except SyntaxError:
        return content
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
            and isinstance(body[0].value.value, str)
        ):
            node.body = body[1:] or [ast.Pass()]
    return ast.dump(tree).encode()
