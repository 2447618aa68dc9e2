"""A metric, an output, a table, a figure, a data set: how many files each addition touches."""

import hashlib
import shutil

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

METRIC = '''
"""The largest error of a prediction."""

import numpy as np

from benchmark.metrics.metric import LOG, Metric


def _largest(sample):
    return np.max(np.abs(sample.y_test - sample["prediction"]))


METRICS = (Metric("largest_error", "largest test error", _largest, "regression", scale=LOG),)
'''
TABLE = '''
"""The largest error of each method."""

from benchmark.tables.cells import metric_blocks, tidy
from benchmark.tables.table import Table


def build(results, published):
    blocks, cells = metric_blocks(results, results.datasets(), ["largest_error"])
    return Table("largest", "Largest errors", tidy(cells), blocks)
'''
FIGURE = '''
"""Which methods ran, in words."""

from benchmark.figures import style


def build(results, plotted):
    return style.words(", ".join(results.methods()))
'''
DATASET = '''
"""A plane."""

from benchmark.datasets.synthetic import Synthetic

DATASETS = (
    Synthetic("plane", "regression", "synthetic", "tests", 2, lambda X: X.sum(1), {1: 1, 2: 1}),
)
'''
OUTPUT = """
    Output("n_iter", "n_iter_", (), float, "iterations", _attribute("n_iter_")),
"""


def contents(checkout):
    """sha256 of every file that a person could have edited."""
    made = ("data", "results", "figures", "logs", ".snakemake")
    return {
        str(path.relative_to(checkout.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in checkout.folder.rglob("*")
        if path.is_file()
        and path.relative_to(checkout.folder).parts[0] not in (*made, "test.yaml")
        and "__pycache__" not in path.parts
    }


class Additions:
    """Adds things as a person would, and notes which files that touches."""

    def __init__(self, checkout):
        self.checkout, self.before = checkout, contents(checkout)

    def write(self, path, text):
        (self.checkout.folder / path).write_text(text.lstrip("\n"))

    def insert(self, path, before, text):
        file = self.checkout.folder / path
        content = file.read_text()
        assert content.count(before) == 1, (path, before)
        file.write_text(content.replace(before, text.strip("\n") + "\n" + before))

    def touched(self):
        """Files that differ from before, since the last question."""
        now = contents(self.checkout)
        changed = {name for name in now if self.before.get(name) != now[name]}
        self.before = now
        return changed


@pytest.fixture(scope="module")
def added(finished, tmp_path_factory):
    """A finished run to which one of each is added; returns the checkout and the files touched."""
    checkout = object.__new__(type(finished))
    checkout.folder = tmp_path_factory.mktemp("additions") / "project"
    shutil.copytree(finished.folder, checkout.folder)
    checkout.configure()
    person, touched = Additions(checkout), {}

    person.write("benchmark/metrics/largest.py", METRIC)
    person.insert(
        "benchmark/metrics/__init__.py",
        "from benchmark.metrics.metric import",
        "from benchmark.metrics import largest",
    )
    person.insert(
        "benchmark/metrics/__init__.py", "    *interactions.METRICS,", "    *largest.METRICS,"
    )
    touched["metric"] = person.touched()
    person.write("benchmark/tables/largest.py", TABLE)
    person.insert("benchmark/tables/__init__.py", '    "ranks",', '    "largest",')
    touched["table"] = person.touched()
    person.write("benchmark/figures/methods.py", FIGURE)
    person.insert(
        "benchmark/figures/__init__.py",
        '    "critical_difference": (',
        '    "methods": ("methods", {}),',
    )
    touched["figure"] = person.touched()
    return checkout, person, touched


def test_each_touches_its_own_file_and_one_list(added):
    _, _, touched = added
    for kind, files in touched.items():
        assert len(files) == 2, (kind, files)


def test_a_metric_a_table_and_a_figure_fit_nothing_again(added):
    checkout, _, _ = added
    planned = checkout.planned()
    assert not {"lasso", "logistic", "dataset"} & set(planned), planned
    before = checkout.results()
    checkout.make("results/small/tables/largest.md", "figures/small/methods.png")
    assert checkout.results() == before
    scores = pd.read_csv(checkout.folder / "results/small/scores.csv")
    found = scores[scores.metric == "largest_error"]
    assert set(zip(found.dataset, found.method, found.split, strict=True)) == {
        ("toy", "lasso", 0),
        ("toy", "lasso", 1),
    }
    assert (
        "Largest test error" in (checkout.folder / "results/small/tables/largest.tex").read_text()
        or "Largest errors" in (checkout.folder / "results/small/tables/largest.md").read_text()
    )


def test_a_data_set_touches_its_own_file_and_one_list_and_changes_no_other_number(added):
    """After the reading tests, since it changes the run."""
    checkout, person, _ = added
    before = checkout.results()
    person.write("benchmark/datasets/plane.py", DATASET)
    person.insert(
        "benchmark/datasets/__init__.py",
        "from benchmark.datasets.dataset import",
        "from benchmark.datasets import plane",
    )
    file = checkout.folder / "benchmark/datasets/__init__.py"
    file.write_text(
        file.read_text().replace("*packaged.DATASETS)", "*packaged.DATASETS, *plane.DATASETS)")
    )
    assert len(person.touched()) == 2
    checkout.configure(datasets=["toy", "classification1", "plane"])
    checkout.make("results/small/tables/coefficients.csv")
    after = checkout.results()
    assert {name: after[name] for name in before} == before
    table = pd.read_csv(checkout.folder / "results/small/tables/coefficients.csv")
    plane = table[(table.dataset == "plane") & (table.metric == "relative_error")]
    assert (plane["mean"] < 0.1).all() and len(plane)


def test_an_output_touches_one_file_and_is_recorded(added):
    """Last, since a new output is something that every fit is asked for."""
    checkout, person, _ = added
    person.insert("benchmark/outputs.py", '    Output("intercept", ', OUTPUT)
    assert person.touched() == {"benchmark/outputs.py"}
    checkout.make(checkout.cell("toy", "lasso"))
    arrays = dict(np.load(checkout.record_path("toy", "lasso", 0).with_suffix(".npz")))
    assert arrays["n_iter"] > 0
