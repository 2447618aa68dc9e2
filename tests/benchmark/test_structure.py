"""The suite's order: what may import what, who is known by name, and the way of a row."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

import baselines
from benchmark import ROOT
from tests.imports import imported

SUITE = ROOT / "benchmark"
MODULES = sorted(SUITE.rglob("*.py"))
#: one method's own table, and folders of the project that have a method's name
KNOW_A_METHOD = {"tables/contextual_lasso_julia.py", "provenance.py"}
#: one quantity: how it is computed, told and drawn
SAME_NAME = {"coefficients.py": 3, "first_layer.py": 2, "ranks.py": 2}


def words(path):
    """Text of a file that is no docstring."""
    tree = ast.parse(path.read_text())
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_no_method_is_known_by_name():
    """What sentences, tables and figures know of a method, it declares (``groups=``)."""
    names = set(baselines.names())
    labels = "|".join(re.escape(baselines.load(name).label) for name in names)
    labels = re.compile(rf"(?<!\w)(?:{labels})(?!\w)")
    for path in MODULES:
        if str(path.relative_to(SUITE)) in KNOW_A_METHOD or path.parent.name == "datasets":
            continue  # a data set's source may be a method's paper
        for text in words(path):
            assert text not in names, (path, text)
            assert not labels.search(text), (path, text)


@pytest.mark.parametrize(
    ("room", "closed"),
    [
        ("datasets", "fitting explanations metrics evaluation tables figures page"),
        ("fitting", "explanations metrics evaluation tables figures page"),
        ("explanations", "metrics evaluation tables figures page"),
        ("metrics", "fitting evaluation tables figures page"),
        ("evaluation", "tables figures page"),
        ("evaluation/statistics", "datasets fitting explanations config"),
        ("tables", "figures page"),
    ],
)
def test_no_import_runs_back_up(room, closed):
    files = sorted((SUITE / room).glob("*.py"))
    assert len(files) > 2
    ahead = tuple(f"benchmark.{other}." for other in closed.split())
    for path in files:
        assert not [name for name in imported(path) if f"{name}.".startswith(ahead)], path


def test_names_of_modules_tell_them_apart():
    places = defaultdict(list)
    for path in MODULES:
        if path.name != "__init__.py":
            places[path.name].append(str(path.relative_to(SUITE)))
    assert {name: len(where) for name, where in places.items() if len(where) > 1} == SAME_NAME


def test_a_config_is_validated_where_a_run_starts_and_nowhere_else():
    scripts = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
    assert len(scripts) > 10
    for path in (*scripts, *MODULES):
        if path != SUITE / "config.py":
            assert not re.search(r"\bvalidate\((?!document)", path.read_text()), path


def _functions(path):
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield from (
                f"{node.name}.{m.name}" for m in node.body if isinstance(m, ast.FunctionDef)
            )


def test_the_way_of_a_row_is_told_by_functions_that_there_are():
    text = (SUITE / "README.md").read_text()
    section = text.partition("\n## The way of a row\n")[2].partition("\n## ")[0]
    stops = re.findall(r"^\d+\. `([^`]+):([^`]+)`", section, re.MULTILINE)
    assert 8 < len(stops) <= 12
    for file, function in stops:
        assert function in set(_functions(ROOT / Path(file))), (file, function)
