"""What made a result: commit, versions, code."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib import metadata

import baselines
from benchmark import storage
from benchmark.config import ROOT

#: code shared by all fits whose change may change a prediction
SHARED_CODE = ("baselines/contract.py", "benchmark/fitting/worker.py")
PACKAGES = ("numpy", "scipy", "scikit-learn", "torch")
CODE_FOLDERS = ("baselines", "benchmark", "nimo", "contextual_lasso", "workflow", "Snakefile")


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


def code_files(method: str) -> list[str]:
    """Files whose content decides what a method predicts, relative to the project root."""
    files = [f"baselines/{method}.py"]
    for entry in baselines.load(method).code:
        path = ROOT / entry
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        files += [
            str(p.relative_to(ROOT))
            for p in found
            if p.is_file() and p.suffix in {".py", ".json", ".jl", ".toml"}
        ]
    return [*files, *SHARED_CODE]


def code_sha256(method: str) -> str:
    """sha256 of :func:`code_files`."""
    return storage.sha256_code(ROOT / f for f in code_files(method))


def versions(method: str) -> dict[str, str]:
    """Versions of Python and of the packages that a method's numbers rest on."""
    distributions = _distributions()
    found = base_versions()
    for module in baselines.load(method).requires:
        for name in sorted(set(distributions.get(module, ()))) or [module]:
            found[name] = metadata.version(name) if module in distributions else "not installed"
    return found


def base_versions() -> dict[str, str]:
    """Versions of Python and of the packages that all methods rest on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


@cache
def _distributions():
    """Names of installed distributions by importable module."""
    return metadata.packages_distributions()
