"""What runs behind a method that has more than one implementation: found out once per run.

Such a method names a module with a function ``resolve(choice)`` (see
:mod:`baselines.contract`).  Its answer is written down, and from then on is part of every fit: its
parameters, the environment of its workers, and the versions in its key.
"""

from __future__ import annotations

import importlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import baselines
from benchmark import storage

AUTO = "auto"


@dataclass(frozen=True)
class Implementation:
    """An answer of ``resolve``.

    Attributes
    ----------
    name : what runs, in words for readers; "" for a method with a single implementation
    params : parameters of the method that say so
    environment : variables of the worker processes
    versions : versions of what it rests on, beside the Python packages
    reason : why this one
    """

    name: str = ""
    params: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    reason: str = ""


def path_of(run: str, module: str) -> str:
    """Where a run writes down an answer, relative to the project root."""
    return str(Path("results") / run / "implementation" / f"{module}.json")


def choices(config) -> dict[str, str]:
    """What the run asks of each module that has to be asked: a word, "auto" unless it says more.

    Raises
    ------
    ValueError
        Two methods of one module want different things.
    """
    found: dict[str, str] = {}
    for name in config["methods"]:
        module = baselines.load(name).implementation
        if module is None:
            continue
        choice = config["implementation"].get(name, AUTO)
        if found.setdefault(module, choice) != choice:
            raise ValueError(
                f"methods that share {module} must have the same implementation, "
                f"got {found[module]} and {choice}"
            )
    return found


def resolve(module: str, choice: str) -> Implementation:
    """Ask a module.

    Raises
    ------
    RuntimeError
        What was chosen is not to be had here; the message says how to mend it.
    ValueError
        There is no such choice.
    """
    return Implementation(**importlib.import_module(module).resolve(choice))


def setup(module: str) -> dict:
    """What decides a module's answer, as far as it can be read at once; {} if it does not say."""
    return getattr(importlib.import_module(module), "setup", dict)()


def write(found: Implementation, path):
    """Write an answer down."""
    storage.write_text(path, json.dumps(asdict(found), indent=2, sort_keys=True) + "\n")


def of_method(method, run: str, root=".") -> Implementation:
    """What the run has found out about a method."""
    if method.implementation is None:
        return Implementation()
    path = Path(root) / path_of(run, method.implementation)
    try:
        return Implementation(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise storage.DamagedFile(
            f"{path}: cannot be read ({error}); delete it and run the same command again"
        ) from None
