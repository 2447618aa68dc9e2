"""What the page of other packages says of NIMO+."""

import re
from pathlib import Path

import pytest

import nimo
from nimo import NIMOPlusClassifier, NIMOPlusRegressor

PAGE = (Path(nimo.__file__).parent.parent / "docs/appendix/comparison.md").read_text()
LACKS = PAGE[PAGE.index("## What the others have") : PAGE.index("## Feature by feature")]


def table():
    """Cells of the table, by row and column."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def names(text):
    return re.findall(r"`([A-Za-z_]+)`", text)


@pytest.fixture(scope="module")
def ours():
    """Whatever a fitted estimator of NIMO+ has, its parameters and those of ``fit``."""
    X = [[0.1 * i, float(i % 3)] for i in range(12)]
    found = {"sample_weight"}
    for model, y in ((NIMOPlusRegressor(), range(12)), (NIMOPlusClassifier(), [0, 1] * 6)):
        found |= set(dir(model.fit(X, list(y)))) | set(model.get_params())
    return found


def test_every_name_in_the_column_of_nimo_plus_is_one(ours):
    cells = {row: cell["NIMO+"] for row, cell in table().items()}
    found = [name for cell in cells.values() for name in names(cell)]
    assert len(cells) >= 20 and len(found) >= 20
    assert [name for name in found if name not in ours] == []


def test_nimo_plus_has_nothing_of_what_it_is_said_to_lack(ours):
    said = names(LACKS)
    assert len(said) >= 10
    assert [name for name in said if name in ours] == []


def test_nimo_plus_has_something_in_every_row_of_the_table():
    assert [row for row, cell in table().items() if cell["NIMO+"] == "-"] == []


def test_every_row_says_something_of_every_package():
    for row, cells in table().items():
        assert all(cells.values()), row
