"""A file of the user's own: how it is written, what is a number in it, what is refused."""

import numpy as np
import pytest

from benchmark import ROOT, config, config_checks
from benchmark.datasets import splits, user_csv

N = 40
A, B = list(range(N)), [i * i % 13 for i in range(N)]
Y = [i * i % 17 + 0.25 for i in range(N)]


def text(separator=",", comma=False, head=(), **columns):
    """A file of the columns a, b, y and others, numbers with a decimal comma if wanted."""

    def cell(value):
        return str(value).replace(".", ",") if comma and isinstance(value, float) else str(value)

    columns = {"a": A, "b": B} | columns | {"y": columns.get("y", Y)}
    rows = [map(cell, row) for row in zip(*columns.values(), strict=True)]
    return "\n".join([*head, separator.join(columns), *map(separator.join, rows)]) + "\n"


def read(path, content, *arguments, encoding="utf-8", **more):
    content = content if isinstance(content, bytes) else content.encode(encoding)
    (path / "x.csv").write_bytes(content)
    given = arguments or ("y", "regression")
    return user_csv.read("x.csv", *given, root=path, **more)


def refusal(path, content, *arguments, **more):
    with pytest.raises(user_csv.TableError) as error:
        read(path, content, *arguments, **more)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix("x.csv: ")


# ---------------------------------------------------------------- how the file is written


@pytest.mark.parametrize(
    "separator, word", [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")]
)
@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separator_and_decimal_sign_are_found_and_noted(tmp_path, separator, word, comma, end):
    if comma and separator == ",":
        content = text(y=[f'"{y}"'.replace(".", ",") for y in Y])
    else:
        content = text(separator, comma)
    table = read(tmp_path, content.replace("\n", end))
    np.testing.assert_array_equal(table.y, Y)
    assert [column.name for column in table.columns] == ["a", "b"]
    sign = "comma" if comma else "point"
    assert table.notes == (f"file in UTF-8, separator: {word}, decimal {sign}",)


@pytest.mark.parametrize(
    "encoding, word",
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
    ],
)
def test_encodings(tmp_path, encoding, word):
    content = text(größe=["groß", "klein"] * (N // 2))
    table = read(tmp_path, content, encoding=encoding)
    assert [column.name for column in table.columns] == ["a", "b", "größe"]
    assert set(table.columns[2].values) == {"groß", "klein"} and f"in {word}," in table.notes[0]


@pytest.mark.parametrize("bad", [b"\x81", "ü".encode() + b"\xff"])
def test_what_belongs_to_no_encoding_is_refused_with_its_line(tmp_path, bad):
    content = text(c=["u", "v"] * (N // 2)).encode().replace(b"\n3,9,v", b"\n3,9,v" + bad)
    assert refusal(tmp_path, content).startswith("x.csv, line 5: cannot be read as a CSV file: ")


def test_a_line_that_names_the_separator_is_no_header(tmp_path):
    assert len(read(tmp_path, text(";", True, head=["sep=;"])).y) == N


def test_text_that_holds_other_separators(tmp_path):
    cells = ['"u, v; w"', '"x|y"'] * (N // 2)
    table = read(tmp_path, text(kind=cells))
    assert set(table.columns[2].values) == {"u, v; w", "x|y"}
    assert "separator: comma" in table.notes[0]


def test_a_separator_that_is_not_the_files_is_named(tmp_path):
    said = refusal(tmp_path, text(":"))
    assert said == (
        'no column "y"; the header is one cell, "a:b:y", with no separator in it '
        "(comma, semicolon, tab, bar)"
    )
    assert refusal(tmp_path, text(";"), "z", "regression") == (
        'no column "z"; there are (separator: semicolon): a, b, y'
    )


def test_decimal_commas_without_quotes_are_told_as_cells_too_many(tmp_path):
    content = text().replace("0,0,0.25", "0,0,0,25")
    assert refusal(tmp_path, content) == (
        "x.csv, line 2: 4 cells, but the header has 3 "
        "(separator: comma; a cell that holds one needs quotes)"
    )


@pytest.mark.parametrize(
    "before, line",
    [
        ("0,0,u,0.25\n", 3),
        ("\n\n0,0,u,0.25\n", 5),
        (",,,\n0,0,u,0.25\n", 4),
        ("# measured in May\n0,0,u,0.25\n", 4),
        ('0,0,"two\nlines",0.25\n', 4),
        ('0,0,"two\r\n\r\nlines",0.25\r\n', 5),
    ],
)
@pytest.mark.parametrize("above", ["", "# made by us\n\n"])
def test_line_numbers_count_every_line_of_the_file(tmp_path, above, before, line):
    rows = "".join(f"{i},{i % 7},u,{i * i % 11}\n" for i in range(1, N))
    content = f"{above}a,b,c,y\n{before}oops,3,v,4\n{rows}"
    line += above.count("\n")
    assert f'column "a" holds numbers, but "oops" in line {line}; ' in refusal(tmp_path, content)


def test_comments_are_counted_and_cells_that_begin_like_one_are_not(tmp_path):
    rows = [f"#{i % 3},{i},{i * i % 17}" for i in range(N)]
    table = read(tmp_path, "\n".join(["# ours", "c,a,y", *rows, "# the end"]))
    assert len(table.y) == N and set(table.columns[0].values) == {"#0", "#1", "#2"}
    assert "1 lines of comment left out" in table.notes


def test_a_quote_that_is_never_closed_is_named(tmp_path):
    content = text(c=["u", "v"] * (N // 2)).replace("\n3,9,v", '\n3,9,"v')
    assert refusal(tmp_path, content) == "x.csv, line 5: a quote is opened here and never closed"


def test_a_header_that_is_a_comment_to_us(tmp_path):
    content = "# " + text()
    assert refusal(tmp_path, content) == "line 2 holds numbers only; a header is needed"


# ---------------------------------------------------------------- what is a number


def column(path, cells, **more):
    """One column that is read beside a, b and y."""
    cells = (list(cells) * N)[:N]
    return next(c for c in read(path, text("\t", c=cells), **more).columns if c.name == "c")


@pytest.mark.parametrize(
    "cells, values",
    [
        (["1", "2.5", "-3"], [1, 2.5, -3]),
        (["1e5", "1E-2", "+3", " 7 ", ".5", "5."], [1e5, 0.01, 3, 7, 0.5, 5]),
        (["0", "0.5", "-0", "00.5"], [0, 0.5, 0, 0.5]),
        (["1", "NA", "nan", "", "n/a", "NULL", "?", "-nan", "2"], [1, *[np.nan] * 7, 2]),
    ],
)
def test_numbers(tmp_path, cells, values):
    found = column(tmp_path, cells)
    assert found.numeric
    np.testing.assert_array_equal(found.values[: len(values)], values)


@pytest.mark.parametrize(
    "cells",
    [
        ["1_1", "2_2"],
        ["2020_01", "2020_02"],
        ["0x1F", "0xA0"],
        ["007", "123", "010"],
        ["inf", "low", "high"],
        ["true", "false"],
        ["5 kg", "6 kg"],
        ["1.2.3", "1.2.4"],
        ["٣", "٤"],  # digits of another script
        ["1-2", "3-4"],
    ],
)
def test_text(tmp_path, cells):
    found = column(tmp_path, cells)
    assert not found.numeric and set(found.values) == set(cells)


def test_codes_are_told_in_the_manifest(tmp_path):
    cells = ["007", "123"] * (N // 2)
    notes = read(tmp_path, text(zip=cells)).notes
    assert "zip: codes with leading zeros, taken for categories" in notes


def test_truth_values_of_any_spelling_are_two_levels(tmp_path):
    assert set(column(tmp_path, ["true", "FALSE", "True"]).values) == {"true", "false"}
    labels = ["True", "false", "TRUE", "FALSE"] * (N // 4)
    y = read(tmp_path, text(y=labels), "y", "classification").y
    np.testing.assert_array_equal(y, [1, 0] * (N // 2))


def test_labels_are_numbers_by_the_same_rule(tmp_path):
    labels = ["1_1", "11"] * (N // 2)
    assert set(read(tmp_path, text(y=labels), "y", "classification").y) == {0, 1}


def test_a_label_that_means_missing_is_named(tmp_path):
    said = refusal(tmp_path, text(a=A * 2, b=B * 2, y=["none", "some"] * N), "y", "classification")
    assert said == (
        'target "y" has 1 classes (some); the task classification needs exactly two '
        '("none" means missing)'
    )


@pytest.mark.parametrize("cells", [["1", "inf"], ["inf"], ["1", "-Infinity"], ["1e999", "2"]])
def test_infinite(tmp_path, cells):
    content = text(c=(cells * N)[:N])
    assert 'column "c" has an infinite value in line' in refusal(tmp_path, content)


@pytest.mark.parametrize(
    "cells, kind",
    [
        (["5%", "6.5 %", "-7%"], "percentages"),
        (["$5", "$6.50"], "amounts of money"),
        (["5 €", "1,000 €"], "amounts of money"),
        (["1,234.5", "1,234,567"], "numbers with thousands separators"),
        (["1 234", "5 678"], "numbers with thousands separators"),
        (["1'234", "5'678"], "numbers with thousands separators"),
        (
            ["1,234", "5,678"],
            "numbers whose comma may be a decimal sign or a separator of thousands",
        ),
        (["1,5", "2,5"], "numbers with a decimal comma"),
        (["−5", "−6"], "numbers with a typographic minus"),
    ],
)
def test_numbers_in_another_dress_are_no_categories(tmp_path, cells, kind):
    more = '; the file has decimal points too ("0.25" in line 2 of "y")'
    more = more if kind == "numbers with a decimal comma" else ""
    said = refusal(tmp_path, text("\t", c=(cells * N)[:N]))
    assert said == (
        f'column "c" holds {kind} ("{cells[0]}" in line 2){more}; write plain numbers, '
        'drop the column, or name it under "categorical"'
    )
    assert not column(tmp_path, cells, categorical=["c"]).numeric


def test_thousands_beside_a_decimal_comma_are_refused(tmp_path):
    content = text(";", True, c=["1.234,5", "2.345,6"] * (N // 2))
    assert "numbers with thousands separators" in refusal(tmp_path, content)
    content = text(";", True, c=["1.234", "2"] * (N // 2))
    assert 'holds numbers, but "1.234" in line 2' in refusal(tmp_path, content)


def test_a_target_in_another_dress_is_named(tmp_path):
    assert refusal(tmp_path, text(y=[f"{i}%" for i in range(N)])) == (
        'target "y" holds percentages ("0%" in line 2); a regression needs numbers'
    )


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "form",
    [
        *("2020-01-{:02}", "2020/01/{:02}", "{:02}.01.2020", "{}.1.20", "{:02}/12/2020"),
        *("12/{}/2020", "1/{}/21", "202001{:02}", "2020-01-{:02} 12:30", "2020-01-{:02}T12:30:00Z"),
        *("2020-01-{:02}T12:30:00.25+01:00", "{} Jan 2020", "Jan {}, 2020", "{}-Mar-21"),
        *("12:{:02}", "9:{:02}:05 PM", "January {}, 2020", "20{:02}-03", "Mon Jan {:02} 2020"),
    ],
)
@pytest.mark.parametrize("period", [7, 28])
def test_dates_are_refused_in_one_line_that_says_what_to_do(tmp_path, form, period):
    cells = [form.format(i % period + 1) for i in range(N)]
    content = text("\t", when=cells)
    assert refusal(tmp_path, content) == (
        f'column "when" holds dates ("{cells[0]}" in line 2); drop it, put numbers made of them '
        'in its place (the year, days since the first), or name it under "categorical"'
    )
    names = [column.name for column in read(tmp_path, content, drop=["when"]).columns]
    assert names == ["a", "b"]


def test_dates_with_gaps_and_words_between_them_are_dates(tmp_path):
    cells = ["2020-01-01", "", "2020-01-02", "unknown"] * (N // 4)
    assert 'column "c" holds dates' in refusal(tmp_path, text(c=cells))


def test_dates_that_are_named_as_categories_or_as_groups_are_taken(tmp_path):
    cells = [f"2020-01-0{i % 5 + 1}" for i in range(N)]
    assert not column(tmp_path, cells, categorical=["c"]).numeric
    assert len(read(tmp_path, text(c=cells), group="c").columns) == 2


@pytest.mark.parametrize("cells", [["20201301", "20200230"], ["2020", "2021"], ["12345678", "20"]])
def test_numbers_that_are_no_dates(tmp_path, cells):
    assert column(tmp_path, cells).numeric


# ---------------------------------------------------------------- copies of the target


@pytest.mark.parametrize(
    "copy, how",
    [
        (lambda y: y, ""),
        (lambda y: 2 * y + 3, " (times 2, plus 3)"),
        (lambda y: -y / 7, " (times -0.1429, plus 0)"),
        (lambda y: round(1.1 * y, 3), " (times 1.1, plus "),
        (lambda y: 1e12 * y, " (times 1e+12, plus "),
        (lambda y: "" if y < 2 else y, " (times 1, plus 0)"),
    ],
)
@pytest.mark.parametrize("categorical", [[], ["c"]])
def test_a_copy_of_a_response_is_refused(tmp_path, copy, how, categorical):
    y = [i * i % 17 + i / 64 for i in range(N)]
    said = refusal(
        tmp_path, text("\t", c=[copy(value) for value in y], y=y), categorical=categorical
    )
    assert said.startswith(
        f'column "c" is a copy of the target "y"{how}'
        if not categorical
        else 'column "c" is a copy of the target "y"'
    )
    assert said.endswith("; drop it")


def test_words_for_the_values_of_a_response_are_a_copy(tmp_path):
    y = [i % 5 for i in range(N)]
    words = ["none at all", "one", "two", "three", "four"]
    said = refusal(tmp_path, text(c=[words[value] for value in y], y=y))
    assert said == 'column "c" is a copy of the target "y" under other labels; drop it'


@pytest.mark.parametrize(
    "labels", [("no", "yes"), ("1", "0"), ("2", "7"), ("", "yes"), ("false", "TRUE"), ("1.5", "")]
)
def test_a_copy_of_classes_is_refused_under_any_labels(tmp_path, labels):
    y = [i // 3 % 2 for i in range(N)]
    content = text(c=[labels[value] for value in y], y=y)
    assert 'column "c" is a copy of the target "y"' in refusal(
        tmp_path, content, "y", "classification"
    )


def test_a_copy_with_gaps_is_one(tmp_path):
    y = [i // 3 % 2 for i in range(N)]
    cells = ["" if i % 10 == 0 else "ab"[y[i]] for i in range(N)]
    assert "under other labels" in refusal(tmp_path, text(c=cells, y=y), "y", "classification")


def test_what_only_tells_much_about_the_target_is_no_copy(tmp_path):
    rng = np.random.default_rng(0)
    noisy = [y + 0.01 * e for y, e in zip(Y, rng.normal(size=N), strict=True)]
    squares = [y * y for y in Y]
    assert len(read(tmp_path, text(c=noisy, d=squares)).columns) == 4
    y = [i // 3 % 2 for i in range(N)]
    above = [value + 0.001 * i for i, value in enumerate(y)]  # a threshold tells the class
    near = ["ab"[value] if i != 5 else "a" for i, value in enumerate(y)]
    some = ["fraud" if value and i % 6 != 3 else "" for i, value in enumerate(y)]
    content = text(c=above, d=near, e=some, y=y)
    assert len(read(tmp_path, content, "y", "classification").columns) == 5


# ---------------------------------------------------------------- where it lies


def test_a_relative_path_starts_at_the_root_of_the_project(tmp_path, monkeypatch):
    """Also from another folder, where a file of the same name may lie."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.csv").write_text("another,file\n")
    (tmp_path / "x.csv").write_text(text())
    monkeypatch.setattr(user_csv, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path / "elsewhere")
    spec = {"path": "x.csv", "target": "y", "task": "regression"}
    settings = config.validate({"run": "r", "csv": {"mine": spec}, "methods": ["lasso"]})
    config_checks.tables(settings)
    assert splits.make("mine", 0, settings).feature_names == ["a", "b"]
    assert user_csv.path_of(spec) == tmp_path / "x.csv"
    assert user_csv.path_of(spec | {"path": "/else/x.csv"}).as_posix() == "/else/x.csv"


def test_a_file_that_is_not_there_is_sought_in_a_folder_that_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = {"path": "no/x.csv", "target": "y", "task": "regression"}
    settings = config.validate({"run": "r", "csv": {"mine": spec}, "methods": ["lasso"]})
    with pytest.raises(config.ConfigError) as error:
        config_checks.tables(settings)
    assert str(error.value) == f'"csv.mine": no/x.csv: no such file in {ROOT / "no"}'
