"""Tables: reading a file of the user's own, encoding its columns, cutting its rows."""

import numpy as np
import pytest

from benchmark import config, config_checks
from benchmark.datasets import PARTS, TableError, splits, user_csv
from benchmark.datasets.encoding import Column, encode
from benchmark.datasets.tabular import Table, Tabular, rows_of


def write(path, lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def test_numbers_names_and_dropped_columns(tmp_path):
    rows = [f"{i},{i},{i % 5},{i * i / 3}" for i in range(40)]
    path = write(tmp_path / "x.csv", ["id,a,b,y", *rows])
    table = user_csv.read(path, "y", "regression", ["id"])
    a, b = table.columns
    assert (a.name, b.name) == ("a", "b") and a.numeric and table.y.dtype == float
    np.testing.assert_array_equal(b.values, np.arange(40) % 5)


@pytest.mark.parametrize("labels", [("no", "yes"), ("1", "2"), ("-1.0", "1.0"), ("9", "10")])
def test_two_classes_of_any_spelling_become_0_and_1(tmp_path, labels):
    rows = [f"{i},{labels[i % 2]}" for i in range(40)]
    path = write(tmp_path / "x.csv", ["a,y", *rows])
    y = user_csv.read(path, "y", "classification").y
    assert y.dtype == np.int64
    np.testing.assert_array_equal(y, np.arange(40) % 2)


def test_byte_order_mark_quotes_and_blank_lines(tmp_path):
    rows = [f'"{i}",{i * i * 2.5}' for i in range(40)]
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["\ufeffa,y", "", *rows, ""]) + "\n", encoding="utf-8")
    table = user_csv.read(path, "y", "regression")
    assert [column.name for column in table.columns] == ["a"] and len(table.y) == 40


def test_kinds_of_columns_missing_values_and_rows_without_a_target(tmp_path):
    colours = ["red", "green", "", "NA"]
    rows = [
        f"{colours[i % 4]},{i % 3},{'?' if i == 5 else i},{['low', 'high'][i % 2]},"
        f"{'' if i == 7 else i * i / 3}"
        for i in range(40)
    ]
    path = write(tmp_path / "x.csv", ["colour,code,age,size,y", *rows])
    ordered = {"size": ["low", "high"]}
    table = user_csv.read(path, "y", "regression", (), ["code"], ordered)
    colour, code, age, size = table.columns
    assert len(table.y) == 39 and table.notes == (
        "file in UTF-8, separator: comma, decimal point",
        "1 rows without y left out",
    )
    assert list(colour.values[:4]) == ["red", "green", "", ""] and not colour.levels
    assert not code.numeric and size.levels == ("low", "high")
    assert np.isnan(age.values[5]) and age.values[6] == 6


TRAIN = np.arange(60)


def test_a_missing_number_is_the_training_median_and_marked():
    values = np.arange(100.0)
    values[[3, 80]] = np.nan
    X, names, notes = encode([Column("age", values)], TRAIN)
    assert names == ["age", "age missing"]
    assert X[3, 0] == X[80, 0] == np.nanmedian(values[:60])
    assert set(np.flatnonzero(X[:, 1])) == {3, 80}
    assert notes == ["age: 2 missing, filled with the training median 30, and marked"]


def test_a_mark_that_training_never_sees_is_left_out():
    values = np.arange(100.0)
    values[80] = np.nan
    X, names, _ = encode([Column("age", values)], TRAIN)
    assert names == ["age"] and X[80, 0] == 29.5


def test_levels_become_columns_rare_ones_are_pooled_and_new_ones_are_not_known():
    values = np.array(["a", "b", "c", ""] * 25)
    values[[0, 1, 2]] = "rare"
    values[90] = "new"
    X, names, notes = encode([Column("kind", values)], TRAIN)
    assert names == ["kind: a", "kind: b", "kind: c", "kind: missing", "kind: other levels"]
    np.testing.assert_array_equal(X[:4].argmax(1), [4, 4, 4, 3])
    assert X[90].tolist() == [0, 0, 0, 0, 1]  # unknown levels are among the others
    assert notes == ["kind: 5 levels in 5 columns, 1 with fewer than 5 training rows pooled"]


def test_test_rows_decide_nothing():
    values = np.array(["a", "b"] * 50)
    other = values.copy()
    other[60:] = "c"
    ages = np.arange(100.0)
    ages[0] = np.nan
    changed = np.where(np.arange(100) < 60, ages, 1e6)
    one, names, _ = encode([Column("k", values), Column("age", ages)], TRAIN)
    two, same, _ = encode([Column("k", other), Column("age", changed)], TRAIN)
    assert names == same == ["k: b", "age", "age missing"]  # two levels need one column
    np.testing.assert_array_equal(one[:60], two[:60])


def test_ordered_levels_keep_their_order():
    values = np.array(["high", "low", "middle", ""] * 25)
    column = Column("size", values, ("low", "middle", "high"))
    X, names, notes = encode([column], TRAIN)
    assert X[:4, 0].tolist() == [2, 0, 1, 1] and names == ["size", "size missing"]
    assert notes[0] == "size: low < middle < high as 0, 1, ..."


SETTINGS = {"seed": 0, "rows": {}, "splits": 5}


def cut(table, task="regression", index=0):
    return Tabular("mine", task, "real", "", lambda: table).split(index, SETTINGS)


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_rows_with_the_same_features_stay_together(task):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))[rng.integers(60, size=300)]
    y = np.arange(300.0) if task == "regression" else rng.integers(2, size=300)
    for index in range(5):
        split = cut(Table.of(X, y, ["a", "b"]), task, index)
        seen = [set(map(tuple, split.arrays[f"X_{part}"].round(9))) for part in PARTS]
        assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
        sizes = [len(split.arrays[f"y_{part}"]) for part in PARTS]
        assert sum(sizes) == 300 and abs(sizes[0] - 180) < 20 and abs(sizes[2] - 60) < 20
        assert any("groups that stay together" in note for note in split.notes)


def test_given_groups_stay_together_and_chain_with_equal_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 1))
    X[1] = X[2]  # joins the groups of both
    groups = np.arange(200) // 2
    split = cut(Table.of(X, np.arange(200.0), ["a"], groups=groups))
    unit = split.arrays["y_train"].std()
    where = {}
    for part in PARTS:
        y = split.arrays[f"y_{part}"]
        for row in y:
            where[round(float(row), 9)] = part
    # y is an affine image of the row number, the same for all parts
    rows = sorted(where)
    assert unit > 0 and len(rows) == 200
    parts = [where[row] for row in rows]
    assert all(parts[i] == parts[i + 1] for i in range(0, 200, 2))
    assert len(set(parts[:4])) == 1


def test_a_users_table_with_categories_makes_splits(tmp_path):
    rows = [f"{'rgb'[i % 3]},{i * 7 % 31},{i}" for i in range(90)]
    write(tmp_path / "x.csv", ["colour,a,y", *rows])
    spec = {"path": str(tmp_path / "x.csv"), "target": "y", "task": "regression"}
    settings = config.validate({"run": "r", "csv": {"mine": spec}, "methods": ["lasso"]})
    config_checks.tables(settings)
    split = splits.make("mine", 0, settings)
    assert split.feature_names == ["colour: b", "colour: g", "colour: r", "a"]
    assert "colour: 3 levels in 3 columns" in split.notes
    np.testing.assert_allclose(split.arrays["X_train"].mean(0), 0, atol=1e-12)


def test_groups_that_leave_a_part_empty_are_refused_whatever_split_it_is(tmp_path):
    """Of four groups with 70 of 100 rows in one, only some orders fill all parts."""
    sizes = {"a": 10, "b": 10, "c": 10, "d": 70}
    vineyards = [name for name, size in sizes.items() for _ in range(size)]
    rows = [f"{vineyard},{i * 7 % 101},{i}" for i, vineyard in enumerate(vineyards)]
    write(tmp_path / "x.csv", ["vineyard,a,y", *rows])
    spec = {"path": str(tmp_path / "x.csv"), "target": "y", "task": "regression"}
    asked = {"run": "r", "methods": ["lasso"], "splits": 20}
    for group, said in (
        ("vineyard", r'"csv.mine": split \d+ has no rows to \w+ with: .* there are 4 such groups'),
        ("y", '"csv.mine": .*x.csv: "y" is the target, and cannot be the group too'),
    ):
        settings = config.validate(asked | {"csv": {"mine": spec | {"group": group}}})
        with pytest.raises(config.ConfigError, match=said):
            config_checks.tables(settings)


def test_a_part_without_a_class_is_refused():
    y = np.repeat([0, 1], 60)
    groups = np.r_[np.arange(60) // 2, 60 + np.arange(60) // 20]  # class 1 in three groups
    table = Table.of(np.arange(120.0)[:, None], y, ["a"], groups=groups)
    with pytest.raises(TableError, match="split 0 has no rows of class 1 to test with"):
        cut(table, "classification")


def order_of(table, index=0):
    dataset = Tabular("mine", "regression", "real", "", lambda: table)
    return rows_of(dataset, index, SETTINGS, table)[0]


def test_a_column_that_is_constant_among_training_rows_is_0_there():
    """The deviation of 0.1 and 0.1 is not 0 but 1e-17, and the other rows were divided by it."""
    for index in range(5):
        a, b = np.arange(100.0), np.full(100, 0.1)
        test_rows = order_of(Table.of(np.column_stack([a, b]), a, ["a", "b"]), index)[-2:]
        b[test_rows] = 0.2
        split = cut(Table.of(np.column_stack([a, b]), a, ["a", "b"]), index=index)
        assert not split.arrays["X_train"][:, 1].any()
        np.testing.assert_allclose(sorted(split.arrays["X_test"][:, 1])[-3:], [0, 0.1, 0.1])


def test_a_target_that_is_constant_among_training_rows_is_refused():
    x, y = np.arange(100.0)[:, None], np.zeros(100)
    y[order_of(Table.of(x, y, ["a"]))[-2:]] = 1, 2
    with pytest.raises(TableError, match="split 0: the target of all training rows is 0"):
        cut(Table.of(x, y, ["a"]))
