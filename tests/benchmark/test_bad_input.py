"""Malformed inputs: each is refused by its name."""

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import baselines
from benchmark import ROOT, check, config, config_checks, method_rules, storage
from benchmark.datasets import splits, user_csv
from benchmark.evaluation import collect
from benchmark.fitting import driver, records

NAMES = baselines.names()
KEYS = (
    "run, seed, splits, more_splits, datasets, csv, methods, labels, reduced, tuning, protocol, "
    "refit, rows, sample, chunk_size, limits, implementation, missing_packages, missing_data, "
    "metrics, explanations"
)
GOOD = {"run": "r", "datasets": "[toy, classification1]", "methods": "[lasso, logistic]"}
MINE = "{{mine: {{path: x.csv, {0}}}}}"
CSV_KEYS = "path, target, task, drop, categorical, ordered, group"
SHARED = "{contextual_lasso: torch}"
#: what is changed in a good config, and what its refusal names: key, value, what may stand there
CONFIGS = [
    ({"split": "3"}, 'unknown key "split"', 'did you mean "splits"?', f"valid: {KEYS}"),
    ({"zzzz": "3"}, 'unknown key "zzzz"', f"valid: {KEYS}"),
    ({"limits": "{second: 3}"}, '"limits.second"', '"seconds"', "valid: seconds, memory_mb"),
    ({"rows": "{trian: 30}"}, '"rows.trian"', '"train"', "valid: train, val, test"),
    ({"splits": "ten"}, '"splits"', "integer", '"ten"'),
    ({"splits": "2.0"}, '"splits"', "integer", "2.0"),
    ({"seed": "true"}, '"seed"', "integer", "true"),
    ({"more_splits": ""}, '"more_splits"', "no value"),
    ({"more_splits": "12"}, '"more_splits"', "object", "12"),
    ({"more_splits": "{tyo: 12}"}, '"more_splits"', '"tyo"', 'did you mean "toy"?'),
    ({"more_splits": "{vanilla: 12}"}, '"more_splits.vanilla"', "not a data set of this run"),
    ({"more_splits": "{toy: ten}"}, '"more_splits.toy"', "integer", '"ten"'),
    ({"more_splits": "{toy: 12.5}"}, '"more_splits.toy"', "integer", "12.5"),
    ({"more_splits": "{toy: true}"}, '"more_splits.toy"', "integer", "true"),
    ({"more_splits": "{toy: 9}"}, '"more_splits.toy"', '9 is below "splits", which is 10'),
    ({"more_splits": "{toy: 1001}"}, '"more_splits.toy"', "1001", "maximum of 1000"),
    ({"reduced": "1"}, '"reduced"', "boolean", "1"),
    ({"methods": "lasso"}, '"methods"', "array", '"lasso"'),
    ({"rows": "[1, 2]"}, '"rows"', "object", "[1, 2]"),
    ({"datasets": ""}, '"datasets"', "no value"),
    ({"run": "7"}, '"run"', "string", "7"),
    ({"methods": "[laso]"}, '"methods"', '"laso"', '"lasso"', ", ".join(NAMES)),
    ({"methods": "[_mlp]"}, '"methods"', '"_mlp"', '"mlp"'),
    ({"datasets": "[diabetis]"}, '"datasets"', '"diabetis"', '"diabetes"', "toy, "),
    ({"methods": "[]"}, '"methods"', "empty"),
    ({"datasets": "[]"}, "no data set", '"datasets" or "csv"'),
    ({"seed": "-1"}, '"seed"', "-1", "minimum of 0"),
    ({"splits": "0"}, '"splits"', "0", "minimum of 1"),
    ({"rows": "{train: -5}"}, '"rows.train"', "-5", "minimum of 20"),
    ({"chunk_size": "0"}, '"chunk_size"', "0", "minimum of 1"),
    ({"limits": "{seconds: 0}"}, '"limits.seconds"', "0", "minimum of 0"),
    ({"limits": "{seconds: .nan}"}, '"limits.seconds"', "number", "NaN"),
    ({"datasets": "[toy, toy]"}, '"datasets"', '"toy"', "more than once"),
    ({"methods": "[lasso, logistic, lasso]"}, '"methods"', '"lasso"', "more than once"),
    ({"datasets": "[toy]"}, '"methods"', "logistic does classification only"),
    ({"methods": "[lasso]"}, '"datasets"', "classification1", 'under "methods", such as logistic'),
    ({"run": None}, '"run"', "missing"),
    ({"run": "../paper"}, '"run"', '"../paper"', "letters, digits and underscores"),
    ({"run": "published"}, '"run"', '"published"', "choose another"),
    (
        {"implementation": "{lasso: julia}"},
        *('"implementation"', '"lasso"', "contextual_lasso, contextual_lasso_sparse"),
    ),
    ({"implementation": SHARED}, '"implementation.contextual_lasso"', "not a method of this run"),
    (
        {"methods": "[contextual_lasso, contextual_lasso_sparse]", "implementation": SHARED},
        *('"implementation"', "baselines._contextual_lasso", "torch and auto"),
    ),
    ({"missing_packages": "ignore"}, '"missing_packages"', '"ignore"', "refuse, skip"),
    ({"metrics": "[acuracy]"}, '"metrics"', '"acuracy"', '"accuracy"', "mse, "),
    (
        {"csv": "{toy: {path: x.csv, target: y, task: regression}}"},
        *('"csv.toy"', "built-in data set"),
    ),
    ({"csv": MINE.format("task: regression")}, '"csv.mine"', '"target"', "missing"),
    (
        {"csv": MINE.format("target: y, task: regresion")},
        *('"csv.mine.task"', '"regresion"', "valid: regression, classification"),
    ),
    (
        {"csv": MINE.format("target: y, task: regression, dropp: [a]")},
        *('"csv.mine.dropp"', '"drop"', f"valid: {CSV_KEYS}"),
    ),
    (
        {"csv": MINE.format("target: y, task: regression")},
        *('"csv.mine"', f"x.csv: no such file in {ROOT}"),
    ),
    ("", "c.yaml", "empty or not a mapping"),
    ("- a\n- b\n", "c.yaml", "empty or not a mapping"),
]


@pytest.mark.parametrize("changes, named", [(case[0], case[1:]) for case in CONFIGS], ids=str)
def test_a_wrong_config_is_refused_in_one_line_that_names_key_and_value(
    changes, named, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    if isinstance(changes, dict):
        lines = {k: v for k, v in (GOOD | changes).items() if v is not None}
        changes = "".join(f"{k}: {v}\n" for k, v in lines.items())
    Path("c.yaml").write_text(changes)
    assert check.main("c.yaml") == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("configuration refused: ")
    assert said.err.count("\n") == 1
    assert [part for part in named if part not in said.err] == [], said.err


UNREADABLE = {
    "missing": (None, "c.yaml: cannot be read: No such file or directory"),
    "folder": ("folder", "c.yaml: cannot be read: Is a directory"),
    "not closed": (
        b"run: x\nmethods: [lasso\nsplits: 2\n",
        "c.yaml, line 3: not valid YAML: expected ',' or ']', but got ':'",
    ),
    "tabs": (
        b"run: x\n\tseed: 1\n",
        "c.yaml, line 2: not valid YAML: found character '\\t' that cannot start any token",
    ),
    "key given twice": (
        b"run: x\nseed: 1\nseed: 2\n",
        'c.yaml, line 3: not valid YAML: the key "seed" is given twice, first in line 2',
    ),
    "key given twice in one line": (
        b"run: x\nlimits: {seconds: 1, memory_mb: 64, seconds: 2}\n",
        'c.yaml, line 2: not valid YAML: the key "limits.seconds" is given twice, first in line 2',
    ),
    "key given twice far below": (
        b"run: x\ncsv:\n  mine:\n    ordered:\n      size: [a, b]\n      size: [b, a]\n",
        'c.yaml, line 6: not valid YAML: the key "csv.mine.ordered.size" is given twice, '
        "first in line 5",
    ),
    "data set given twice": (
        b"csv:\n  mine: {path: a.csv}\n  other: {path: b.csv}\n  'mine': {path: c.csv}\n",
        'c.yaml, line 4: not valid YAML: the key "csv.mine" is given twice, first in line 2',
    ),
    "key given twice in a list": (
        b"datasets:\n- toy\n- {a: 1, b: 2, a: 3}\n",
        'c.yaml, line 3: not valid YAML: the key "datasets.a" is given twice, first in line 3',
    ),
    "not text": (b"\xff\xfe\x00", "c.yaml: not valid YAML: not a text file"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_unreadable_config(case, tmp_path, monkeypatch, capsys):
    content, message = UNREADABLE[case]
    monkeypatch.chdir(tmp_path)
    if content == "folder":
        Path("c.yaml").mkdir()
    elif content is not None:
        Path("c.yaml").write_bytes(content)
    assert check.main("c.yaml") == 2
    assert capsys.readouterr().err == f"configuration refused: {message}\n"


def test_a_key_that_overrides_a_merged_one_is_given_once(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("a: &a {x: 1}\nb: &b {<<: *a, x: 2}\nc: {<<: *b, y: 3}\nd: *b\n")
    assert config.parse(path)["c"] == {"x": 2, "y": 3}


def test_json_is_read_as_well(tmp_path):
    path = tmp_path / "c.json"
    path.write_text('{\n\t"run": "x",\n\t"seed": 1}')
    assert config.parse(path) == {"run": "x", "seed": 1}


RIDGE = """
use rule fit as ridge with:
    input:
        **needs("ridge"),
    pathvars:
        method="ridge",
"""


@pytest.mark.parametrize(
    "rule, what",
    [
        ("", "ridge has no rule; add to workflow/rules/methods.smk:"),
        (RIDGE.replace("as ridge", "as ride"), "ridge has no rule; add to"),
        (
            RIDGE.replace('("ridge")', '("lasso")'),
            "the rule of ridge does not name it; in workflow/rules/methods.smk it must read:",
        ),
        (RIDGE.replace('="ridge"', '="lasso"'), "the rule of ridge does not name it; in "),
    ],
)
def test_a_method_without_its_rule_is_told_the_lines_to_add(rule, what, tmp_path, monkeypatch):
    rules = tmp_path / method_rules.RULES
    rules.parent.mkdir(parents=True)
    rules.write_text((ROOT / method_rules.RULES).read_text() + rule)
    monkeypatch.setattr(method_rules, "ROOT", tmp_path)
    settings = {"methods": ["lasso", "ridge"]}
    with pytest.raises(config.ConfigError) as refusal:
        method_rules.check(settings)
    said = str(refusal.value)
    assert said.startswith(f'"methods": {what}') and said.endswith(f"\n{RIDGE}")
    names = baselines.names()
    monkeypatch.setattr(baselines, "names", lambda: [*names, "ridge"])
    rules.write_text((ROOT / method_rules.RULES).read_text() + RIDGE)
    method_rules.check(settings)


def test_a_name_of_published_results_alone_is_told_todays():
    with pytest.raises(
        config.ConfigError, match=r"nimo_no_noise .* only; write nimo\[input_noise=0\]"
    ):
        config_checks.methods_of_today({"methods": ["lasso", "nimo_no_noise"]})
    config_checks.methods_of_today({"methods": ["lasso", "nimo[input_noise=0]"]})


def test_a_rule_without_its_method_is_named(tmp_path, monkeypatch):
    rules = tmp_path / method_rules.RULES
    rules.parent.mkdir(parents=True)
    rules.write_text((ROOT / method_rules.RULES).read_text() + RIDGE)
    monkeypatch.setattr(method_rules, "ROOT", tmp_path)
    with pytest.raises(config.ConfigError) as refusal:
        method_rules.check({"methods": ["lasso"]})
    assert str(refusal.value) == (
        "workflow/rules/methods.smk: the rule of ridge has no method; "
        "there is no baselines/ridge.py"
    )


N = 40


def table(cell=None, **changes):
    """CSV text with the columns a, b, y; ``cell`` (row, column, text) replaces one cell."""
    columns = {
        "a": range(N),
        "b": [i * i for i in range(N)],
        "y": [i * i % 17 / 7 for i in range(N)],
    }
    columns |= changes
    rows = [[str(v) for v in row] for row in zip(*columns.values(), strict=True)]
    if cell:
        rows[cell[0]][cell[1]] = cell[2]
    return "\n".join(",".join(row) for row in [list(columns), *rows]) + "\n"


REGRESSION = ("y", "regression")
CLASSES = ("y", "classification")
TABLES = {
    "missing file": (None, REGRESSION, "no such file in {folder}"),
    "empty file": ("", REGRESSION, "the file is empty"),
    "no header": (
        "1,2,3\n" * N,
        REGRESSION,
        "the first line holds numbers only; a header is needed",
    ),
    "column without a name": (table().replace("a,b", "a,", 1), REGRESSION, "column 2 has no name"),
    "name twice": (table().replace("a,b", "a,a", 1), REGRESSION, 'two columns are named "a"'),
    "ragged row": (
        table().replace("\n1,1,", "\n1,1,1,", 1),
        REGRESSION,
        "line 3: 4 cells, but the header has 3 (separator: comma; a cell that holds one needs "
        "quotes)",
    ),
    "one row": ("a,b,y\n1,2,3\n", REGRESSION, "1 rows; at least 30 are needed to split them"),
    "target missing": (
        table(),
        ("z", "regression"),
        'no column "z"; there are (separator: comma): a, b, y',
    ),
    "dropped column missing": (
        table(),
        (*REGRESSION, ("z",)),
        'no column "z"; there are (separator: comma): a, b, y',
    ),
    "no feature left": (
        table(),
        (*REGRESSION, ("a", "b")),
        "no feature is left beside the target",
    ),
    "empty column": (table(b=[""] * N), REGRESSION, 'column "b" is empty; drop it'),
    "too few targets": (
        table(y=["" if i % 2 else i for i in range(N)]),
        REGRESSION,
        "20 rows with y, and 20 without; at least 30 are needed to split them",
    ),
    "infinite": (table((5, 0, "-inf")), REGRESSION, 'column "a" has an infinite value in line 7'),
    "number beyond all bounds": (
        table((5, 0, "1e999")),
        REGRESSION,
        'column "a" has an infinite value in line 7',
    ),
    "text among numbers": (
        table((3, 0, "red")),
        REGRESSION,
        'column "a" holds numbers, but "red" in line 5; mend it, drop the column, or name it under '
        '"categorical"',
    ),
    "decimal comma": (
        table((3, 0, '"1,5"')),
        REGRESSION,
        'column "a" holds numbers, but "1,5" in line 5; the file has decimal points too '
        '("0.0" in line 2 of "y"); mend it, drop the column, or name it under '
        '"categorical"',
    ),
    "names of rows": (
        table(a=[f"row {i}" for i in range(N)]),
        REGRESSION,
        'column "a" holds text that differs from row to row ("row 0" in line 2); drop it',
    ),
    "level that was not named": (
        table(a=["low", "high"] * (N // 2 - 1) + ["low", "middle"]),
        (*REGRESSION, (), (), {"a": ["low", "high"]}),
        'column "a" has "middle" in line 41, which is none of its levels low, high',
    ),
    "grouping column missing": (
        table(),
        (*REGRESSION, (), (), (), "z"),
        'no column "z"; there are (separator: comma): a, b, y',
    ),
    "text in the target": (
        table((2, 2, "much")),
        REGRESSION,
        'target "y" holds text ("much" in line 4); a regression needs numbers',
    ),
    "constant column": (table(a=[3] * N), REGRESSION, 'column "a" is constant (3); drop it'),
    "duplicate column": (
        table(b=range(N)),
        REGRESSION,
        'columns "a" and "b" are identical; drop one',
    ),
    "constant target": (table(y=[1] * N), REGRESSION, 'target "y" is constant (1)'),
    "two values in regression": (
        table(y=[i % 2 for i in range(N)]),
        REGRESSION,
        'target "y" has two values only; use the task classification',
    ),
    "three classes": (
        table(y=["abc"[i % 3] for i in range(N)]),
        CLASSES,
        'target "y" has 3 classes (a, b, c); the task classification needs exactly two',
    ),
    "one class": (
        table(y=["a"] * N),
        CLASSES,
        'target "y" has 1 classes (a); the task classification needs exactly two',
    ),
    "rare class": (
        table(y=[int(i < 3) for i in range(N)]),
        CLASSES,
        'target "y" has 3 rows of class 1; at least 10 of each class are needed',
    ),
}


@pytest.mark.parametrize("case", TABLES)
def test_table(case, tmp_path, monkeypatch):
    text, arguments, message = TABLES[case]
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("x.csv").write_text(text)
    with pytest.raises(user_csv.TableError) as refusal:
        user_csv.read("x.csv", *arguments)
    separator = ", " if message.startswith("line") else ": "
    assert str(refusal.value) == f"x.csv{separator}{message.format(folder=tmp_path)}"


def test_table_that_is_not_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_bytes(b"a,b\n\x00\x01,1\n")
    with pytest.raises(user_csv.TableError) as refusal:
        user_csv.read("x.csv", "b", "regression")
    assert (
        str(refusal.value) == "x.csv: cannot be read as a CSV file: it is no text; save it as CSV"
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A run of one fit, made without Snakemake."""
    root = tmp_path_factory.mktemp("run")
    settings = config.validate(
        {
            "run": "r",
            "datasets": ["toy"],
            "methods": ["lasso"],
            "splits": 1,
            "rows": {"train": 30, "val": 10, "test": 10},
        }
    )
    splits.write_all([splits.make("toy", 0, settings)], settings, root)
    driver.Fits(settings, "toy", "lasso", "log", root).run([0])
    return root, settings


@pytest.fixture
def run(original, tmp_path, monkeypatch):
    shutil.copytree(original[0], tmp_path / "run")
    monkeypatch.chdir(tmp_path / "run")
    return original[1]


def truncate(path, keep=100):
    path.write_bytes(path.read_bytes()[:keep])


def edit(path, **changes):
    document = json.loads(path.read_text())
    for key, value in changes.items():
        holder = document if key in document else document["result"]
        holder[key] = value
    path.write_text(json.dumps(document))


def overwrite(path, text):
    path.write_text(text)


def exchange(path):
    np.savez(path, other=np.zeros(3))


RECORD = Path(records.path_of("r", "toy", "lasso", 0))
ARRAYS = records.arrays_path(RECORD)
SPLIT = Path(splits.path_of("r", "toy", 0))
TRUTH = Path(splits.truth_path_of("r", "toy", 0))
REMADE = "truncated, altered or made with other settings; delete it and run the same command again"
DAMAGES = {
    "record missing": (Path.unlink, RECORD, "cannot be read: No such file or directory"),
    "record truncated": (truncate, RECORD, "truncated or not JSON"),
    "record empty": (partial(truncate, keep=0), RECORD, "truncated or not JSON"),
    "record that is a list": (partial(overwrite, text="[1]"), RECORD, "not a record"),
    "record without a version": (partial(overwrite, text="{}"), RECORD, "not a record"),
    "record of another schema": (
        lambda path: storage.write_document(path, {"schema_version": 99}),
        RECORD,
        "schema version 99, expected 3",
    ),
    "record edited by hand": (
        partial(edit, params={"alpha": 0.0}),
        RECORD,
        "altered since it was written (sha256 differs)",
    ),
    "record with another sha256": (
        partial(edit, sha256="0" * 64),
        RECORD,
        "altered since it was written (sha256 differs)",
    ),
    "arrays missing": (Path.unlink, ARRAYS, "cannot be read: No such file or directory"),
    "arrays truncated": (truncate, ARRAYS, "sha256 differs from the recorded one"),
    "arrays of another fit": (exchange, ARRAYS, "sha256 differs from the recorded one"),
    "split missing": (Path.unlink, SPLIT, "cannot be read: No such file or directory"),
    "split truncated": (truncate, SPLIT, REMADE),
    "split exchanged": (exchange, SPLIT, REMADE),
    "truth missing": (Path.unlink, TRUTH, "cannot be read: No such file or directory"),
    "truth exchanged": (exchange, TRUTH, REMADE),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damaged_file_is_named_and_refused(case, run):
    damage, path, message = DAMAGES[case]
    damage(path)
    with pytest.raises(collect.IncompleteRun) as refusal:
        collect.gather(run)
    kind = "splits" if path in (SPLIT, TRUTH) else "records"
    assert str(refusal.value) == (
        f"1 {kind} cannot be used:\n  {path}: {message}\n"
        "Delete them and run the same command again; nothing else is made anew."
    )


def test_whole_run_is_read_and_no_split_made_for_it(run, monkeypatch):
    monkeypatch.setattr(splits, "make", None)
    fits, scores = collect.gather(run)
    assert list(fits.status) == ["ok"] and {"mse", "r2"} <= set(scores.metric)


def test_record_of_another_config_is_refused(run):
    with pytest.raises(collect.IncompleteRun) as refusal:
        collect.gather(run | {"reduced": True, "seed": 0, "methods": ["lasso"]} | {"seed": 5})
    assert "made with other settings" in str(refusal.value)


def test_split_that_is_no_split(tmp_path):
    path = tmp_path / "split0.npz"
    storage.write_arrays(path, {"X_train": np.zeros((2, 2))})
    with pytest.raises(storage.DamagedFile) as refusal:
        splits.read(path)
    assert str(refusal.value) == f"{path}: not a split: no entry 'dataset'"


def test_there_are_at_least_forty_of_them():
    assert len(CONFIGS) + len(UNREADABLE) + len(TABLES) + len(DAMAGES) >= 40
