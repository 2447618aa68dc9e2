"""Build a release, look into it, install it twice and fit with it; needs a package index.

``python -m tests.drivers.release [--keep FOLDER] [--only lower newest]``

Wheel and source distribution are built from the files that git knows, the wheel from the source
distribution, and ``twine check --strict`` reads both.  They hold the two packages and nothing of
the suite.  The wheel is then installed into an empty environment with the lower bounds that
pyproject.toml declares, and into another with the newest releases; in both, NIMO+ and NIMO fit,
predict, say their formula and write their report, and NIMO+ goes through ``to_dict`` and
``from_dict``, which NIMO does not have.  The exit code says whether all of it held.

PyTorch is :data:`TORCH` in both environments: each of its releases is large, and its lower bound is
not tested.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import venv
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

from benchmark import ROOT, threads

TORCH = "torch==2.13.0"
PACKAGES = ("nimo", "contextual_lasso")
#: of a source distribution, beside the packages and what setuptools writes
BESIDE = {
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "MANIFEST.in",
    "PKG-INFO",
    "README.md",
    "pyproject.toml",
    "setup.cfg",
}
SECONDS = 1800  # for one command
SMOKE = """
import warnings
from importlib import metadata

import numpy as np
import nimo

warnings.simplefilter("error", DeprecationWarning)
warnings.simplefilter("error", FutureWarning)
rng = np.random.default_rng(0)
X = rng.standard_normal((200, 5))
y = 2 * X[:, 0] + X[:, 1] * X[:, 2] + 0.1 * rng.standard_normal(200)
labels = np.where(y > 0, "yes", "no")
for model, target in (
    (nimo.NIMOPlusRegressor(), y),
    (nimo.NIMORegressor(random_state=0, max_iter=200), y),
    (nimo.NIMOPlusClassifier(), labels),
    (nimo.NIMOClassifier(random_state=0, max_iter=200, n_init=1), labels),
):
    name = type(model).__name__
    model.fit(X, target)
    score = model.score(X, target)
    assert score > 0.8, (name, score)
    assert model.formula().strip(), name
    again = type(model).from_dict(model.to_dict()) if "Plus" in name else model
    if target is y:
        np.testing.assert_allclose(again.predict(X), model.predict(X), rtol=1e-6, atol=1e-6)
    else:
        assert (again.predict(X) == model.predict(X)).all(), name
    page = model.report(X, target, f"{name}.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>"), name
    print(f"  {name}: score {score:.3f}")
names = ("numpy", "scipy", "scikit-learn", "narwhals", "torch")
print("  with", ", ".join(f"{name} {metadata.version(name)}" for name in names))
"""


class Failed(Exception):
    """A step did not hold; the message says which and why."""


def run(*command, **options) -> str:
    """What a command prints.

    Raises
    ------
    Failed
        It ended with an error.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, **options)
    if done.returncode:
        raise Failed(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def step(what):
    """Print what is done, and the seconds that it took."""
    print(what, flush=True)
    start = time.monotonic()
    yield
    print(f"  {time.monotonic() - start:.0f} s", flush=True)


def environment(folder: Path) -> Path:
    """The Python of a new, empty environment."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def copy_sources(folder: Path):
    """What git knows, or would add, of the checkout."""
    listed = run("git", "-C", ROOT, "ls-files", "-z", "-co", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # one that was removed is listed still
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def build(python: Path, folder: Path) -> tuple[Path, Path]:
    """Wheel and source distribution."""
    copy_sources(folder / "source")
    run(python, "-m", "build", "--outdir", folder / "dist", folder / "source")
    (wheel,) = (folder / "dist").glob("*.whl")
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    return wheel, sdist


def strangers(wheel: Path, sdist: Path) -> list[str]:
    """Files that belong into neither."""
    with zipfile.ZipFile(wheel) as archive:
        info = {*PACKAGES, wheel.name.removesuffix(".whl").rsplit("-", 3)[0] + ".dist-info"}
        found = [name for name in archive.namelist() if name.split("/")[0] not in info]
    with tarfile.open(sdist) as archive:
        files = [one.name.partition("/")[2] for one in archive.getmembers() if one.isfile()]
    for name in files:
        top = name.split("/")[0]
        if name not in BESIDE and top not in PACKAGES and not top.endswith(".egg-info"):
            found.append(f"{sdist.name}: {name}")
    caches = [name for name in files if "__pycache__" in name]
    return [*found, *caches]


def lower_bounds() -> list[str]:
    """The declared requirements, each at its lower bound; PyTorch as :data:`TORCH`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [Requirement(line) for line in project["dependencies"]]
    bounds = {one.name: next(iter(one.specifier)).version for one in asked}
    exact = [f"{name}=={bound}" for name, bound in bounds.items() if name != "torch"]
    return [*exact, TORCH]


def install_and_fit(wheel: Path, requirements: list[str], folder: Path):
    """An empty environment with the wheel, and the smoke test in it."""
    python = environment(folder / "environment")
    run(python, "-m", "pip", "install", "--quiet", wheel, *requirements)
    run(python, "-m", "pip", "check")
    empty = folder / "empty"
    empty.mkdir()
    variables = {"PATH": os.defpath, **threads.ONE}
    print(run(python, "-I", "-c", SMOKE, cwd=empty, env=variables), end="")


def check(folder: Path, only):
    """All of it, in a folder.

    Raises
    ------
    Failed
        A step did not hold.
    """
    tools = environment(folder / "tools")
    with step("tools: build, twine"):
        run(tools, "-m", "pip", "install", "--quiet", "build", "twine")
    with step("wheel and source distribution"):
        wheel, sdist = build(tools, folder)
        for path in (sdist, wheel):
            print(f"  {path.name}: {path.stat().st_size / 1000:.0f} kB")
        if found := strangers(wheel, sdist):
            raise Failed("what does not belong there:\n" + "\n".join(found))
    with step("twine check"):
        run(tools, "-m", "twine", "check", "--strict", wheel, sdist)
    # pip takes the newest of what is not named
    ways = {"lower": lower_bounds(), "newest": [TORCH]}
    for name in only:
        with step(f"{name}: {', '.join(ways[name])}"):
            install_and_fit(wheel, ways[name], folder / name)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="an empty folder that is kept")
    parser.add_argument("--only", nargs="*", choices=("lower", "newest"))
    options = parser.parse_args(arguments)
    only = ("lower", "newest") if options.only is None else options.only
    with contextlib.ExitStack() as stack:
        folder = options.keep
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="release-")))
        try:
            check(folder.resolve(), only)
        except Failed as error:
            sys.exit(f"error: {error}")
    print("all of it holds")


if __name__ == "__main__":
    main()
