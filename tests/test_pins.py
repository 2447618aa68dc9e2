"""pyproject.toml has bounds, requirements.lock alone exact versions; environment.yml follows it."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import baselines

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Not in the tested environment: juliacall downloads Julia, pre-commit has environments of its own,
# catboost, pytorch-tabnet and pytabkit are large and belong to three optional columns.
NOT_LOCKED = {"juliacall", "pre-commit", "catboost", "pytorch-tabnet", "pytabkit"}
EXACT = {"juliacall"}


def required(*extras: str) -> dict[str, Requirement]:
    """What the package and the given extras ask for directly, by name."""
    found, lines = {}, list(PROJECT["dependencies"])
    lines += [line for extra in extras for line in EXTRAS[extra]]
    for requirement in map(Requirement, lines):
        if requirement.name == PROJECT["name"]:
            found |= required(*requirement.extras)
        else:
            found[canonicalize_name(requirement.name)] = requirement
    return found


def pins(lines) -> dict[str, str]:
    pairs = (line.split("==") for line in lines if line.strip() and not line.startswith("#"))
    return {canonicalize_name(name.strip()): version.strip() for name, version in pairs}


LOCKED = pins((ROOT / "requirements.lock").read_text().splitlines())
INSTALLED = {canonicalize_name(d.name): d.version.split("+")[0] for d in metadata.distributions()}


@pytest.mark.parametrize("name", sorted(set(required(*EXTRAS)) - NOT_LOCKED))
def test_what_is_asked_for_is_locked_within_its_bounds(name):
    requirement = required(*EXTRAS)[name]
    assert name in LOCKED, f"{name} is not in requirements.lock"
    assert requirement.specifier.contains(LOCKED[name])


def test_pyproject_has_lower_bounds_only():
    for name, requirement in required(*EXTRAS).items():
        operators = {clause.operator for clause in requirement.specifier}
        assert operators == ({"=="} if name in EXACT else {">="}), requirement


def test_the_package_alone_asks_for_five_distributions():
    assert set(required()) == {"numpy", "scipy", "scikit-learn", "narwhals", "torch"}


def test_everything_that_the_locked_distributions_need_is_locked():
    """The lock is closed: pip has nothing left to choose."""
    missing = set()
    for name in LOCKED.keys() & INSTALLED.keys():
        for line in metadata.requires(name) or ():
            needed = Requirement(line)
            cuda = name == "torch" and re.match("cuda|nvidia|triton", needed.name)
            if not cuda and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                if canonicalize_name(needed.name) not in LOCKED:
                    missing.add(f"{needed.name} (for {name})")
    assert missing == set()


def test_these_tests_run_with_the_locked_versions():
    """A lock that nobody runs is worth nothing; the tools of `make lint` may be missing."""
    assert required("test").keys() <= INSTALLED.keys()
    found = {name: INSTALLED[name] for name in LOCKED.keys() & INSTALLED.keys()}
    assert found == {name: LOCKED[name] for name in found}


def test_conda_environment_has_the_locked_versions():
    """Snakemake copies this file before it makes the environment: it cannot point to the lock."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert pins(pip) == {name: LOCKED[name] for name in required("test")}


def test_lock_names_exact_versions_and_no_place():
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if not line.startswith("#"):
            name, version = line.split("==")
            assert name and version[0].isdigit() and "+" not in version


@pytest.mark.parametrize("name", baselines.names())
def test_an_extra_installs_what_a_method_requires(name):
    method = baselines.load(name)
    extras = () if method.extra is None else (method.extra,)
    assert set(extras) <= set(EXTRAS), f"{name}: pyproject.toml has no extra {method.extra!r}"
    wanted = {canonicalize_name(word) for word in method.requires}
    assert wanted <= set(required(*extras)), f"{name}: its extra does not install all it requires"
