"""What made a result: commit, versions, code."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib import metadata

import baselines
from benchmark import ROOT, closure

PACKAGES = ("numpy", "scipy", "scikit-learn", "torch")
CODE_FOLDERS = (
    "baselines",
    "benchmark",
    "contextual_lasso",
    "explainers",
    "nimo",
    "workflow",
    "Snakefile",
)


def _git(*arguments) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


@cache
def commit() -> tuple[str, bool | None]:
    """The commit of the checkout, and whether files differ from it (new code files count)."""
    head = _git("rev-parse", "HEAD")
    if head is None:
        return "unknown", None
    changed = _git("status", "--porcelain", "--untracked-files=no")
    new = _git("status", "--porcelain", "--", *CODE_FOLDERS)
    return head, bool(changed or new)


def date(commit: str) -> str | None:
    """The day of a commit, such as ``2026-11-30``; None where git does not know it."""
    return _git("show", "-s", "--format=%cs", commit)


def method_files(method: str, root=ROOT) -> list[str]:
    """Files of a method whose content decides what it predicts, relative to a project's root."""
    declared = baselines.load(method)
    modules = [f"baselines.{baselines.base(method)}"]
    modules += [declared.implementation] if declared.implementation else []
    return [*closure.files(modules, declared.aside, root), *declared.code]


def missing(method) -> list[str]:
    """Distributions that a method needs and that are not installed, in the order it names them."""
    return [name for name in method.requires if version(name) is None]


def versions(method: str) -> dict[str, str]:
    """Versions of Python and of the Python packages that a method's numbers rest on.

    What runs outside Python, a run finds out by itself (:mod:`benchmark.fitting.implementation`).
    """
    names = dict.fromkeys((*PACKAGES, *baselines.load(method).requires))
    packages = {name: version(name) or "not installed" for name in names}
    return {"python": platform.python_version()} | packages


@cache
def version(name: str) -> str | None:
    """Version of an installed distribution; None if there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
