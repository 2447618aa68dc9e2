"""What may import what, and that a constant's name means one thing."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import nimo
from tests.imports import imported

ROOT = Path(nimo.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
#: Rooms by what they may import: each those before it, `paper` nothing, what stands in no room all.
ROOMS = {
    "paper": (),
    "plus": ("paper",),
    "solvers": ("paper",),
    "selection": ("paper", "plus", "solvers"),
    "frames": (),
    "reading": ("paper", "plus", "frames"),
    "drawing": ("reading",),
    "export": ("plus", "frames"),
    "report": ("plus", "reading", "drawing"),
}
#: Imported when they are called, or for their types alone.
LATE = {"reading": {"drawing", "report"}}


def room_of(name):
    """The room of a module's name, None of a small shared module."""
    part = name.split(".")[1]
    return part if (ROOT / part).is_dir() else None


@pytest.mark.parametrize("room", ROOMS)
def test_no_import_runs_back_up(room):
    files = sorted((ROOT / room).glob("*.py"))
    assert len(files) > 2
    for path in files:
        for name in imported(path):
            if name.startswith("nimo."):
                allowed = {room, None, *ROOMS[room], *LATE.get(room, ())}
                assert room_of(name) in allowed, (path, name)


def test_every_room_is_listed():
    rooms = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert rooms == {*ROOMS, "estimators"}


def test_the_paper_imports_nothing_else():
    for path in (ROOT / "paper").glob("*.py"):
        for name in imported(path):
            assert not name.startswith("nimo.") or name.startswith("nimo.paper"), (path, name)


def test_the_engine_needs_no_torch():
    code = "import nimo, sys; nimo.NIMOPlusRegressor; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True
    )
    assert done.stdout == "False\n", done.stderr


def test_the_paths_of_a_fit_stand_in_the_code():
    """nimo/README.md: lists of at most twelve stops, each a module and a function in it."""
    text = (ROOT / "README.md").read_text().split("## The way of the rows")[1].split("\n## ")[0]
    paths = [part for part in text.split("\n### ")[1:]]
    assert len(paths) == 3
    for part in paths:
        stops = re.findall(r"^\d+\. `([\w.]+):([\w.]+)`", part, re.M)
        assert len(stops) == len(re.findall(r"^\d+\. ", part, re.M)) and 6 <= len(stops) <= 12
        for module, name in stops:
            found = importlib.import_module(module)
            for word in name.split("."):
                found = getattr(found, word)
            assert inspect.isfunction(found) and found.__module__ == module, (module, name)


def test_modules_are_short():
    long = {str(path) for path in MODULES if len(path.read_text().splitlines()) > 300}
    assert long == set()


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
