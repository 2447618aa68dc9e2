"""A run's folder as the workflow leaves it, with failures, parameters and coefficients; no fit."""

import shutil

import numpy as np
import pytest

from benchmark import storage
from benchmark.evaluation.results import Results
from benchmark.fitting import records
from benchmark.page import details
from benchmark.page.contents import contents
from benchmark.page.document import document
from benchmark.tables import make

SCORES = {
    "vanilla": {
        "lasso": [0.013, 0.014, 0.012] * 2,
        "mlp": [0.10, 0.11, 0.12] * 2,
        "nimo": ["error"] * 6,
    },
    "toy": {
        "lasso": [19.0, 21.0, 20.0] * 2,
        "mlp": [0.5, "timeout", 0.7, 0.5, 0.6, 0.7],
        "nimo": [0.012, 0.013, 0.0123456] * 2,
    },
    "classification1": {
        "logistic": [0.58, 0.61, 0.60] * 2,
        "mlp": [0.70, 0.71, 0.72] * 2,
        "nimo": ["skipped"] * 6,
    },
    "diabetes": {
        "lasso": [0.52, 0.5, 0.51] * 2,
        "mlp": [0.5, 0.6, 0.55] * 2,
        "nimo": [0.5, 0.49, 0.48] * 2,
    },
}
#: what the parameters and the log of an invented fit are
ALPHAS = (0.1, 0.25, 0.1)
TRACE = "Traceback <of the worker>\nValueError: singular & sad </script>"


def coefficients(split, method):
    """Made-up coefficients of every method but one."""
    if method == "mlp":
        return {}
    d = len(split.feature_names)
    return {"coef": np.linspace(-1.0, 2.0, d) + 0.01 * split.index}


TABLES = ("regression", "classification", "real", "leaderboard", "ranks", "differences")


def finish(results, tables=TABLES):
    """Parameters and logs for the records, then tables, details and the page, whose path it is."""
    folder = results.root / "results" / results.run
    for path in sorted((folder / "records").rglob("*.json")):
        document_ = records.read(path)
        result, run = document_["result"], document_["run"]
        if result["status"] == "ok":
            result["params"] = {"alpha": ALPHAS[result["split"] % 3], "fixed": True}
            result["info"] = {"epochs": 10 + result["split"], "kind": "small 0.123456789"}
            result["info"]["tuning"] = "{'chosen': 0, 'configurations': 1, 'failed': 0}"
        else:
            log = results.root / run["log"]
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(f"{results.root.resolve()}/baselines/x.py\n{TRACE}\n")
        arrays = records.read_arrays(path, document_)
        del result["arrays_sha256"]
        records.write(path, result, run, arrays)
    for name in tables:
        paths = [folder / "tables" / f"{name}.{kind}" for kind in ("csv", "md", "tex")]
        make(name, results).write(*paths)
    (folder / "README.md").write_text("# Summary\n")
    found = details.gather(Results(results.config, results.root))
    details.write(folder / details.NAME, found)
    storage.write_text(folder / "index.html", document(contents(folder, results.config, "../..")))
    return folder / "index.html"


@pytest.fixture(scope="session")
def built():
    """What is made once: page by name."""
    return {}


@pytest.fixture
def page(make_run, built):
    """The page of the invented run, made once for all tests that only read it."""
    if "page" not in built:
        results = make_run(SCORES, arrays=coefficients)
        built["results"], built["page"] = results, finish(results)
    return built["page"]


@pytest.fixture
def folder(page, built, tmp_path):
    """A copy of the invented run that a test may spoil: its results, and their folder."""
    shutil.copytree(built["results"].root, tmp_path / "copy")
    results = Results(built["results"].config, tmp_path / "copy")
    return results, results.root / "results" / results.run


@pytest.fixture
def scores(page, built):
    """The scores.csv behind the page."""
    return built["results"].scores
