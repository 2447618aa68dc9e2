"""What may import what, and that a constant's name means one thing."""

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import nimo

ROOT = Path(nimo.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
#: What a user sees, and what serves that alone.
ESTIMATORS = (
    *("regressor", "classifier", "nimo_plus", "nimo_plus_reading", "nimo_plus_drawing"),
    *("paper_model", "paper_reading", "paper_drawing", "reading", "effects", "drawing", "base"),
)


def imported(path):
    """Names of the modules that a file imports, imports inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import hides what is imported"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    ("room", "closed"),
    [
        ("paper", ("solvers", "selection", "plus", *ESTIMATORS)),
        ("plus", ("solvers", "paper", *ESTIMATORS)),
        ("solvers", ("selection", "plus", *ESTIMATORS)),
        ("selection", ESTIMATORS),
    ],
)
def test_no_import_runs_back_up(room, closed):
    files = sorted((ROOT / room).glob("*.py"))
    assert len(files) > 2
    for path in files:
        for name in imported(path):
            assert not name.startswith(tuple(f"nimo.{other}" for other in closed)), (path, name)


def test_the_package_needs_nothing_of_the_suite():
    for path in MODULES:
        for name in imported(path):
            assert name.split(".")[0] not in (
                "benchmark",
                "baselines",
                "explainers",
                "workflow",
                "tools",
            ), path


def test_what_the_contextual_lasso_shares_brings_no_torch():
    """With Julia nothing may import torch, nor anything of NIMO beside the small shared modules."""
    shared = {"labels", "scaling", "transaction"}
    folder = ROOT.parent / "contextual_lasso"
    used = {
        name.split(".")[1]
        for path in folder.glob("*.py")
        for name in imported(path)
        if name.startswith("nimo.")
    }
    assert used == shared
    for module in shared:
        assert not any(
            "torch" in name or "nimo" in name for name in imported(ROOT / f"{module}.py")
        )
    code = "import contextual_lasso.estimator, sys; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True
    )
    assert done.stdout == "False\n", done.stderr


def test_the_name_of_a_constant_has_one_value():
    places = defaultdict(set)
    for path in MODULES:
        for node in ast.parse(path.read_text()).body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
            for target in targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                for name in names:
                    if isinstance(name, ast.Name) and name.id.isupper():
                        places[name.id].add(str(path.relative_to(ROOT)))
    assert len(places) > 30
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_every_room_is_a_package():
    """The wheel holds packages alone."""
    for path in MODULES:
        assert (path.parent / "__init__.py").exists(), path
