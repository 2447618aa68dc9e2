"""CONTRIBUTING.md to the letter: method, data set, metric, explainer, figure, table."""

import re

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmark import ROOT
from benchmark.method_rules import RULE

pytestmark = pytest.mark.slow

GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
BLOCK = re.compile(r"<!-- (file|append|edit|config|change): (\S+) -->\n```\w+\n(.*?)```", re.S)
OUTPUT = """\
    Output("n_iter", "n_iter_", (), float, "iterations", _attribute("n_iter_")),
"""


def edited(text, diff):
    """A file's text after a diff whose old lines stand in it exactly once."""
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    assert old != new and text.count(old) == 1, diff
    return text.replace(old, new)


def seconds(checkout):
    """Those of the fits of the lasso on toy: the same only if these are not made anew."""
    return [checkout.record("toy", "lasso", split)["run"]["fit_seconds"] for split in range(2)]


@pytest.fixture(scope="module")
def followed(new_checkout):
    """A run of the lasso on toy, before; then all that the guide adds, and a run of that."""
    checkout = new_checkout("walkthrough")
    words = {"datasets": ["toy"], "methods": ["lasso"], "explanations": {"rows": 20}}
    checkout.configure(run="walkthrough", **words)
    checkout.make(checkout.fits_csv)
    checkout.before, checkout.seconds = checkout.results(), seconds(checkout)
    for kind, where, text in BLOCK.findall(GUIDE):
        if kind == "config":
            added = yaml.safe_load(text)
            words[where] = added if isinstance(added, dict) else [*words.get(where, []), *added]
            continue
        if kind == "change":
            changed = yaml.safe_load((ROOT / where).read_text()) | yaml.safe_load(text)
            (checkout.folder / "mine.yaml").write_text(yaml.safe_dump(changed))
            continue
        file = checkout.folder / where
        if kind == "file":
            assert not file.exists()
            file.write_text(text)
        elif kind == "append":
            file.write_text(f"{file.read_text()}\n\n{text}")
        else:
            file.write_text(edited(file.read_text(), text))
    checkout.configure(run="walkthrough", **words)
    checkout.make()
    return checkout


def test_each_takes_its_own_file_and_at_most_one_list():
    lists = {}
    for part in re.split(r"^## ", GUIDE, flags=re.M):
        blocks = BLOCK.findall(part)
        if files := [where for kind, where, _ in blocks if kind == "file"]:
            edits = {where for kind, where, _ in blocks if kind == "edit"}
            lists[part.splitlines()[0]] = (len(files), len(edits))
    assert lists == {
        "A method": (1, 0),
        "A data set": (1, 1),
        "A metric": (1, 1),
        "An explainer": (1, 0),
        "A table or a figure": (2, 2),
    }


def test_the_rule_is_the_one_that_is_told_where_it_is_missing():
    assert f"```python\n{RULE.format(name='ridge')}```" in GUIDE


def test_what_is_added_fits_and_changes_nothing_that_was_there(followed):
    after = followed.results()
    assert followed.before and {name: after[name] for name in followed.before} == followed.before
    assert seconds(followed) == followed.seconds


CELLS = """
import sys
from benchmark import config, config_checks
read = config.read(sys.argv[1])
config_checks.methods_of_today(read)
print(sorted({(method, config.dataset_tasks(read)[name]) for name, method in config.cells(read)}))
"""


def test_a_method_of_one_task_joins_the_published_rows(followed):
    code, text = followed.python("-c", CELLS, "mine.yaml")
    assert code == 0, text
    assert text == "[('logistic', 'classification'), ('ridge', 'regression')]\n"
    alone = yaml.safe_load((followed.folder / "mine.yaml").read_text()) | {"methods": ["ridge"]}
    (followed.folder / "alone.yaml").write_text(yaml.safe_dump(alone))
    code, text = followed.python("-m", "benchmark.check", "alone.yaml")
    assert code == 2 and text.endswith('add one that does under "methods", such as logistic\n')


def test_after_a_run_only_a_new_method_is_fitted(followed):
    """The run holds the fits of lasso and ridge; another method joins them."""
    config = followed.config
    try:
        followed.configure(**config | {"methods": ["lasso", "ridge", "svm"]})
        planned = followed.planned(followed.fits_csv)
    finally:
        followed.configure(**config)
    assert planned == {"svm": 2, "collect": 1}


def test_the_method_and_the_data_set_are_in_the_table(followed):
    folder = followed.folder / "results/walkthrough/tables"
    table = pd.read_csv(folder / "regression.csv").set_index(["dataset", "method"])
    assert table.loc[("plane", "lasso"), "mean"] < 0.1
    assert table.loc[("toy", "ridge"), "n_ok"] == 2
    for kind in ("md", "tex"):
        assert "Ridge" in (folder / f"regression.{kind}").read_text()


def test_every_cell_is_there(followed):
    for dataset in ("toy", "plane"):
        for method in ("lasso", "ridge"):
            for split in range(2):
                record = followed.record(dataset, method, split)
                assert record["result"]["status"] == "ok"


def test_the_metric_is_scored_and_compared(followed):
    folder = followed.folder / "results/walkthrough"
    scores = pd.read_csv(folder / "scores.csv")
    assert (scores.metric == "largest_error").sum() == 8
    assert "ratio of largest test error" in (folder / "tables/differences.md").read_text()
    assert "largest test error" in (folder / "tables/ranks.md").read_text()


def test_the_table_is_made(followed):
    for kind in ("csv", "md", "tex"):
        path = followed.folder / f"results/walkthrough/tables/largest_errors.{kind}"
        assert "Ridge" in path.read_text() or kind == "csv"
    assert {"toy", "plane"} == set(pd.read_csv(path.with_suffix(".csv")).dataset)


def test_the_figure_is_drawn(followed):
    for kind in ("png", "pdf", "csv"):
        assert (followed.folder / f"figures/walkthrough/fit_seconds.{kind}").stat().st_size > 0


def test_the_explainer_is_graded(followed):
    graded = pd.read_csv(followed.folder / "results/walkthrough/graded.csv")
    found = graded[(graded.explainer == "occlusion") & (graded.metric == "infidelity")]
    assert set(found.dataset) == {"toy", "plane"} and set(found.method) == {"ridge"}
    assert found.value.max() < 1e-9  # a linear model is explained by its terms


def test_an_output_touches_one_list_and_is_recorded(followed):
    """Last, since a new output is something that every fit is asked for."""
    file = followed.folder / "benchmark/outputs.py"
    place = '    Output("intercept", '
    assert file.read_text().count(place) == 1
    file.write_text(file.read_text().replace(place, OUTPUT + place))
    followed.make(followed.cell("toy", "lasso"))
    arrays = dict(np.load(followed.record_path("toy", "lasso", 0).with_suffix(".npz")))
    assert arrays["n_iter"] > 0
