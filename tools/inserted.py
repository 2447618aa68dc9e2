"""Numbers on the pages that people write: ``python -m tools.inserted [--check]``.

A page names a file of docs/ between two markers, ``<!-- from results/headline.md -->`` and
``<!-- end -->``, and this command puts its text there.  ``--check`` writes nothing, and exits with
1 where a page shows another text, or where a snapshot that a page names was made by other code
than that of this checkout.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from benchmark import ROOT
from benchmark.fitting import key

MARKED = re.compile(
    r"(?P<head><!-- from (?P<name>\S+) -->).*?(?P<tail><!-- end -->)", flags=re.DOTALL
)
TITLE = re.compile(r"\A(# [^\n]*\n+)")


def pages(root: Path = ROOT) -> list[Path]:
    """README.md and the pages of docs/ that have a marker."""
    candidates = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    return [page for page in candidates if MARKED.search(page.read_text())]


def filled(text: str, docs: Path) -> str:
    """A page's text with what stands in the files of ``docs`` that it names.

    A file's own title, its first line, is left out.

    Raises
    ------
    FileNotFoundError
        The page names a file that is not there.
    """

    def fill(match):
        content = TITLE.sub("", (docs / match["name"]).read_text()).strip()
        return f"{match['head']}\n\n{content}\n\n{match['tail']}"

    return MARKED.sub(fill, text)


def snapshots(text: str) -> set[str]:
    """The folders of docs/ that a page takes numbers from."""
    return {match["name"].split("/")[0] for match in MARKED.finditer(text)}


def other_code(snapshot: Path) -> list[str]:
    """Methods of a snapshot whose code is not that of this checkout."""
    made_by = json.loads((snapshot / "provenance.json").read_text())["code"]["methods"]
    return [method for method, code in made_by.items() if key.code_sha256(method) != code]


def fill(root: Path = ROOT) -> list[Path]:
    """Fill in all pages; return those that changed."""
    changed = []
    for page in pages(root):
        before = page.read_text()
        after = filled(before, root / "docs")
        if after != before:
            page.write_text(after)
            changed.append(page)
    return changed


def problems(root: Path = ROOT) -> list[str]:
    """What ``--check`` objects to, a line each."""
    found, named = [], set()
    for page in pages(root):
        text = page.read_text()
        named |= snapshots(text)
        if filled(text, root / "docs") != text:
            found.append(f"{page.name} shows other numbers: python -m tools.inserted")
    for name in sorted(named):
        found += [
            f"docs/{name} has numbers of {method} that other code made: fit it again"
            for method in other_code(root / "docs" / name)
        ]
    return found


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 on a problem")
    if parser.parse_args(arguments).check:
        found = problems()
        print("\n".join(found) or "every number is that of its snapshot, and of this code")
        return int(bool(found))
    changed = [page.name for page in fill()]
    print(f"filled in: {', '.join(changed)}" if changed else "nothing has changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
