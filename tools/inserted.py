"""Numbers on the pages that people write: ``python -m tools.inserted [--check]``.

A page names a file of docs/ between two markers, ``<!-- from results/headline.md -->`` and
``<!-- end -->``, and this command puts its text there.  Where a method's code is no longer that of
the snapshot, a line above it says which commit made the numbers and of which methods.  ``--check``
writes nothing, and exits with 1 where a page shows another text: numbers of a former snapshot, or
of other code without that line.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from functools import cache
from pathlib import Path

import baselines
from benchmark import ROOT
from benchmark.explanations import explaining
from benchmark.fitting import key
from benchmark.words import join

MARKED = re.compile(
    r"(?P<head><!-- from (?P<name>\S+) -->).*?(?P<tail><!-- end -->)", flags=re.DOTALL
)
TITLE = re.compile(r"\A(# [^\n]*\n+)")
#: of benchmark/metrics, what grades explanations and scores no fit
OF_EXPLANATIONS = ("correctness", "fidelity")
HEADING = re.compile(r"^##+ ", flags=re.MULTILINE)


def pages(root: Path = ROOT) -> list[Path]:
    """README.md and the pages of docs/, its appendix too, that have a marker."""
    candidates = [*root.glob("README.md"), *sorted((root / "docs").rglob("*.md"))]
    return [page for page in candidates if MARKED.search(page.read_text())]


def scoring_sha256() -> str:
    """sha256 of the code that turns records into scores."""
    metrics = sorted((ROOT / "benchmark" / "metrics").glob("*.py"))
    metrics = [path for path in metrics if path.stem not in OF_EXPLANATIONS]
    return key.sha256_code([*metrics, ROOT / "benchmark" / "evaluation" / "scoring.py"])


def grading_sha256() -> str:
    """sha256 of the code that asks fitted models about themselves and grades what is said."""
    metrics = [f"benchmark/metrics/{name}.py" for name in OF_EXPLANATIONS]
    files = *explaining.CODE, *metrics, "benchmark/evaluation/grades.py"
    return key.sha256_code(ROOT / name for name in sorted(files))


@cache
def other_code(snapshot: Path) -> str:
    """A line that says which code of a snapshot is another today, or "".

    That of its methods, of its scores, and of its grades where explanations were graded.
    """
    made_by = json.loads((snapshot / "provenance.json").read_text())
    code = made_by.get("code", {})  # an old snapshot does not say what code it had
    methods = code.get("methods", {})
    changed = [
        baselines.load(name).label for name, its in methods.items() if key.code_sha256(name) != its
    ]
    if len(changed) == len(methods):
        changed = ["every method"]
    for part, words, today in (
        ("scoring", "the scores", scoring_sha256()),
        ("grading", "the grades", grading_sha256()),
    ):
        if code.get(part, today) != today:
            changed.append(words)
    if not changed:
        return ""
    commits = [commit[:7] for commit in made_by["commits"]]
    named = f"commit{'s' * (len(commits) > 1)} {join(commits)}"
    return f"*Numbers of {named}; today's code differs: {join(changed)}.*\n\n"


def filled(text: str, docs: Path) -> str:
    """A page's text with what stands in the files of ``docs`` that it names.

    A file's own title, its first line, is left out; its headings stand a level lower.

    Raises
    ------
    FileNotFoundError
        The page names a file that is not there.
    """
    warned = set()

    def fill(match):
        content = TITLE.sub("", (docs / match["name"]).read_text()).strip()
        content = HEADING.sub(r"#\g<0>", content)
        snapshot = docs / match["name"].split("/")[0]
        # once on a page for each snapshot
        line = "" if snapshot in warned else other_code(snapshot)
        warned.add(snapshot)
        return f"{match['head']}\n\n{line}{content}\n\n{match['tail']}"

    return MARKED.sub(fill, text)


def out_of_date(root: Path = ROOT) -> dict[Path, str]:
    """Pages that show another text than they should, with that text."""
    texts = {page: filled(page.read_text(), root / "docs") for page in pages(root)}
    return {page: text for page, text in texts.items() if page.read_text() != text}


def fill(root: Path = ROOT) -> list[Path]:
    """Fill in all pages; return those that changed."""
    other_code.cache_clear()
    changed = out_of_date(root)
    for page, text in changed.items():
        page.write_text(text)
    return list(changed)


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 on a problem")
    if parser.parse_args(arguments).check:
        found = out_of_date()
        for page in found:
            print(f"{page.name} shows other numbers: python -m tools.inserted")
        return int(bool(found))
    print("\n".join(f"{page.name} is filled in" for page in fill()) or "nothing has changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
