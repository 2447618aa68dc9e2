"""The built wheel: what lies in it, what it asks for, and that it works with nothing else there."""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmark import threads

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("nimo", "contextual_lasso")
SOURCES = ("pyproject.toml", "README.md", "LICENSE", *PACKAGES)
# The suite and what only the suite needs: in reach, they would hide a forgotten requirement.
SUITE = ("baselines", "benchmark", "explainers", "saliency", "tools", "tests")
OUT_OF_REACH = (*SUITE, "pandas", "matplotlib", "snakemake", "tqdm")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built without a network, from a copy: a build leaves folders beside the sources."""
    folder = tmp_path_factory.mktemp("build")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / "source" / name, ignore=ignored)
        else:
            (folder / "source").mkdir(exist_ok=True)
            shutil.copy2(source, folder / "source" / name)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder / "dist"]
    _run(sys.executable, "-m", "pip", "wheel", folder / "source", *options)
    (path,) = (folder / "dist").glob("*.whl")
    return path


def _run(*command, **options):
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=300, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _headers(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def _closure(names):
    """Installed distributions that the named ones need, themselves included."""
    found, waiting = {}, list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # pip says so below if it is needed here
        for line in found[name].requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)
    return found


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A new environment with the wheel, what it asks for and nothing else.

    The requirements are links to those installed here, for PyTorch is large; pip installs the wheel
    beside them without an index, so it refuses where one is missing or too old.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    (site,) = (folder / "lib").glob("python*/site-packages")
    asked = [Requirement(line) for line in _headers(wheel).get_all("Requires-Dist")]
    names = [r.name for r in asked if r.marker is None or r.marker.evaluate({"extra": ""})]
    for distribution in _closure(names).values():
        for top in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(distribution.locate_file(top))
    install = ["install", "--quiet", "--no-index", "--disable-pip-version-check", wheel]
    _run(sys.executable, "-m", "pip", "--python", python, *install)
    return python


def _in_it(python, code, folder):
    """Run code in the new environment: ``-I`` hides the current folder and every variable."""
    return _run(python, "-I", "-c", code, cwd=folder, env={"PATH": os.defpath, **threads.ONE})


def test_it_holds_both_packages_and_nothing_of_the_suite(wheel):
    with zipfile.ZipFile(wheel) as archive:
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    assets = {path.relative_to(ROOT).as_posix() for path in (ROOT / "nimo/report/assets").iterdir()}
    assert len(assets) > 4
    assert files == sources | assets | {"contextual_lasso/juliapkg.json"}


def test_it_asks_for_five_distributions_with_lower_bounds(wheel):
    headers = _headers(wheel)
    asked = [Requirement(line) for line in headers.get_all("Requires-Dist")]
    plain = {r.name: str(r.specifier) for r in asked if "extra" not in str(r.marker)}
    assert set(plain) == {"numpy", "scipy", "scikit-learn", "narwhals", "torch"}
    assert all(bound.startswith(">=") and "," not in bound for bound in plain.values())
    assert headers["Name"] == "hybrid-interpretable-models"
    assert {"benchmark", "lassonet", "julia"} <= set(headers.get_all("Provides-Extra"))


def test_nothing_else_is_in_reach(python, tmp_path):
    code = f"""
import importlib.util, json
print(json.dumps([m for m in {OUT_OF_REACH} if importlib.util.find_spec(m)]))
"""
    assert json.loads(_in_it(python, code, tmp_path)) == []


def test_both_estimators_fit_and_predict(python, tmp_path):
    code = f"""
import json
import numpy as np
import contextual_lasso, nimo
from contextual_lasso import ContextualLassoRegressor
from nimo import NIMOClassifier, NIMORegressor

assert all({os.fspath(python.parent.parent)!r} in m.__file__ for m in (nimo, contextual_lasso))
rng = np.random.default_rng(0)
X = rng.standard_normal((120, 4))
y = X[:, 0] * (1 + np.tanh(X[:, 1]))
model = NIMORegressor(max_iter=100, random_state=0).fit(X, y)
labels = np.where(y > 0, "yes", "no")
classifier = NIMOClassifier(max_iter=30, n_init=1, random_state=0).fit(X, labels)
page = classifier.report(X, labels, "page.html").read_text(encoding="utf-8")
port = ContextualLassoRegressor(n_lambdas=3, max_epochs=30, backend="torch", random_state=0)
print(json.dumps({{
    "selected": model.selected_features_.tolist(),
    "modulates": model.interaction_features_.tolist(),
    "R2": model.score(X, y),
    "accuracy": classifier.score(X, labels),
    "page": "dataset.ready" in page,
    "port": port.fit(X, y).predict(X).shape,
}}))
"""
    found = json.loads(_in_it(python, code, tmp_path))
    assert found["selected"][0] and found["modulates"][1]
    assert found["page"]
    assert found["R2"] > 0.9 and found["accuracy"] > 0.9 and found["port"] == [120]


@pytest.mark.parametrize("name", ["NIMORegressor", "NIMOClassifier"])
def test_check_estimator(python, tmp_path, name):
    """Few steps: the checks are about the protocol; tests/nimo has them for full fits."""
    _in_it(
        python,
        f"""
from nimo import {name}
from sklearn.utils.estimator_checks import check_estimator
drawn = {{"check_sample_weight_equivalence_on_dense_data": "validation rows are drawn at random"}}
check_estimator({name}(max_iter=10, n_init=1), expected_failed_checks=drawn)
""",
        tmp_path,
    )
