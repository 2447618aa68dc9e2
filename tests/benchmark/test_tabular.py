"""Reading a table of the user's own."""

import numpy as np
import pytest

from benchmark.datasets import tabular


def write(path, lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def test_numbers_names_and_dropped_columns(tmp_path):
    rows = [f"{i},{i},{i % 5},{i / 3}" for i in range(40)]
    path = write(tmp_path / "x.csv", ["id,a,b,y", *rows])
    X, y, names = tabular.read(path, "y", "regression", ["id"])
    assert names == ["a", "b"] and X.shape == (40, 2) and X.dtype == y.dtype == float
    np.testing.assert_array_equal(X[:, 1], np.arange(40) % 5)


@pytest.mark.parametrize("labels", [("no", "yes"), ("1", "2"), ("-1.0", "1.0"), ("9", "10")])
def test_two_classes_of_any_spelling_become_0_and_1(tmp_path, labels):
    rows = [f"{i},{labels[i % 2]}" for i in range(40)]
    path = write(tmp_path / "x.csv", ["a,y", *rows])
    _, y, _ = tabular.read(path, "y", "classification")
    assert y.dtype == np.int64
    np.testing.assert_array_equal(y, np.arange(40) % 2)


def test_byte_order_mark_quotes_and_blank_lines(tmp_path):
    rows = [f'"{i}",{i * 2.5}' for i in range(40)]
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["\ufeffa,y", "", *rows, ""]) + "\n", encoding="utf-8")
    X, _, names = tabular.read(path, "y", "regression")
    assert names == ["a"] and len(X) == 40
