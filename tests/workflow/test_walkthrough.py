"""CONTRIBUTING.md, followed literally: a file, a rule, a word, and the new column is there."""

import re

import pytest
import yaml

BLOCK = re.compile(r"<!-- (file|rule|config): (\S+) -->\n```\w+\n(.*?)```", re.S)


@pytest.fixture(scope="module")
def followed(new_checkout):
    checkout = new_checkout("walkthrough")
    blocks = {kind: (where, text) for kind, where, text in _blocks(checkout)}
    assert set(blocks) == {"file", "rule", "config"}
    path, text = blocks["file"]
    (checkout.folder / path).write_text(text)
    path, text = blocks["rule"]
    with open(checkout.folder / path, "a") as rules:
        rules.write(f"\n\n{text}")
    key, text = blocks["config"]
    methods = ["lasso", *yaml.safe_load(text)]
    checkout.configure(run="walkthrough", datasets=["toy", "regression1"], **{key: methods})
    checkout.make("results/walkthrough/tables/regression.csv")
    return checkout


def _blocks(checkout):
    return BLOCK.findall((checkout.folder / "CONTRIBUTING.md").read_text())


def test_the_new_column_is_in_the_table(followed):
    folder = followed.folder / "results/walkthrough/tables"
    assert "toy,ridge,mse," in (folder / "regression.csv").read_text()
    for kind in ("md", "tex"):
        assert "Ridge" in (folder / f"regression.{kind}").read_text()


def test_every_new_cell_is_there(followed):
    for dataset in ("toy", "regression1"):
        for split in range(2):
            assert followed.record(dataset, "ridge", split)["result"]["status"] == "ok"
