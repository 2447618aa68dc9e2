"""Which of the project's files a module rests on: its imports, and theirs, read off the source.

Imports inside functions count.  What only a type checker sees does not, except that it says where
the names are that a package hands out late (PEP 562).  Modules named by a string are not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmark import ROOT


def files(modules, aside: Collection[str] = (), root: Path = ROOT) -> list[str]:
    """The Python files that some modules rest on, sorted, relative to the root.

    Parameters
    ----------
    modules : names of modules of the project
    aside : names of modules that are left out, with what is imported there alone

    Raises
    ------
    ValueError
        A module that is not the project's.
    """
    modules = list(modules)
    found = _Closure(Path(root), frozenset(aside))
    for name in (*modules, *aside):
        if found.file(name) is None:
            raise ValueError(f"there is no module {name!r} in {root}")
    for name in modules:
        found.add(name)
    return sorted(str(found.file(name)) for name in found.modules)


@dataclass
class _Closure:
    root: Path
    aside: frozenset[str]
    modules: set[str] = field(default_factory=set)

    def file(self, module: str) -> Path | None:
        """The file of a module, relative to the root; None if it is not the project's."""
        path = Path(*module.split("."))
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if (self.root / candidate).is_file():
                return candidate
        return None

    def add(self, module: str):
        """A module, the packages around it, and all that they import."""
        if module in self.modules or module in self.aside or self.file(module) is None:
            return
        self.modules.add(module)
        if "." in module:
            self.add(module.rpartition(".")[0])
        for imported, name in self._imports(module, typing=False):
            self._follow(imported, name)

    def _follow(self, module: str, name: str | None):
        """``import module``, or ``from module import name``."""
        self.add(module)
        if name is None:
            return
        if self.file(f"{module}.{name}") is not None:
            self.add(f"{module}.{name}")
            return
        for home, other in self._imports(module, typing=True):
            if name in ("*", other):
                self._follow(home, other)

    def _imports(self, module: str, typing: bool) -> Iterator[tuple[str, str | None]]:
        """(module, name) of what a module imports, or of what it imports for type checkers."""
        path = self.file(module)
        if path is None:
            return
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for only_typing, level, imported, name in _statements((self.root / path).read_bytes()):
            if only_typing != typing:
                continue
            above = package.split(".")[: len(package.split(".")) + 1 - level] if level else []
            yield ".".join([*above, *([imported] if imported else [])]), name


@cache  # modules share most of what they import
def _statements(source: bytes) -> tuple[tuple[bool, int, str, str | None], ...]:
    """(whether for type checkers only, level, module, name) of each import of a source file."""
    tree = ast.parse(source)
    typing = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).split(".")[-1] == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found: list[tuple[bool, int, str, str | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(id(node) in typing, 0, alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            where = (id(node) in typing, node.level, node.module or "")
            found += [(*where, alias.name) for alias in node.names]
    return tuple(found)
