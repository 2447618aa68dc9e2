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
from benchmark.fitting import records
from benchmark.split_counts import splits_of

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
    setup : what decided it, as :func:`setup` said then
    """

    name: str = ""
    params: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    reason: str = ""
    setup: dict = field(default_factory=dict)


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
    decided_by = setup(module)
    return Implementation(**importlib.import_module(module).resolve(choice), setup=decided_by)


def valid(module: str) -> tuple[str, ...]:
    """The choices that a module knows; () if it does not say."""
    return getattr(importlib.import_module(module), "CHOICES", ())


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


class Changed(ValueError):
    """A run's fits would be made anew with another implementation, and nobody asked for that."""


def check_kept(config, root="."):
    """Refuse a run that left the choice open and would now choose another than its fits have.

    A module is asked again only where what decides its answer has changed since the run asked.

    Raises
    ------
    Changed
        The message says how to keep the fits, and how to ask for the other implementation.
    """
    for module, choice in choices(config).items():
        methods = [m for m in config["methods"] if baselines.load(m).implementation == module]
        made = list(_made(config, methods, root)) if choice == AUTO else []
        if not made:
            continue
        now = _known(config["run"], module, root) or resolve(module, AUTO)
        other = {
            name
            for name, params in made
            if any(params.get(key, value) != value for key, value in now.params.items())
        }
        if other:
            word = now.name.split()[0]
            asked = ", ".join(f"{method}: {word}" for method in methods)
            raise Changed(
                f'"implementation": run "{config["run"]}" has fits of {" and ".join(methods)} by '
                f"{'; '.join(sorted(other))}; here they would be made anew by {now.name} "
                f"({now.reason}). To keep them, run where the former is found, with the same "
                f"variables; to make them anew, ask for it: implementation: {{{asked}}}"
            )


def _made(config, methods, root):
    """(implementation, parameters) of the fits that are there."""
    for method in methods:
        folder = Path(root) / "results" / config["run"] / "records"
        for dataset in folder.glob(f"*/{baselines.file_id(method)}"):
            name = dataset.parent.name
            for index in range(splits_of(config, name)):
                path = records.path_of(config["run"], name, method, index)
                try:
                    result = json.loads((Path(root) / path).read_text())["result"]
                    yield result["implementation"], result["params"] or {}
                except (OSError, ValueError, KeyError, TypeError):
                    continue  # not there, or damaged: whoever needs it will speak about it


def _known(run, module, root):
    """What the run has found out, if what decides it is as it was then."""
    try:
        text = (Path(root) / path_of(run, module)).read_text()
        found = Implementation(**json.loads(text))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.setup and found.setup == setup(module) else None
