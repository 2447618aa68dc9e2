"""Write the pages of docs/ that are made: ``python -m tools.docs [--check] [--fast] [PAGE ...]``.

Some are made from declarations, others run their own code and show what it prints;
without a PAGE, all of them.  ``--check`` writes nothing, and exits with 1 where a page is out of
date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmark import ROOT
from tools.docs import contract, given, printed, tables

MADE = {module.PAGE: module.page for module in (contract, given, tables)}
PRINTED = [
    ROOT / "docs" / f"{name}.md" for name in ("quickstart", "guide", "model", "appendix/nimo_plus")
]


def text_of(page: Path, fast: bool = False) -> str:
    """What a page says today."""
    return MADE[page]() if page in MADE else printed.run(page, fast)[0]


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE", help="docs/tables.md, say")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if one differs")
    parser.add_argument("--fast", action="store_true", help="without the blocks marked as slow")
    options = parser.parse_args(arguments)
    changed = 0
    for page in [page.resolve() for page in options.pages] or [*MADE, *PRINTED]:
        text = text_of(page, options.fast)
        if page.exists() and page.read_text() == text:
            continue
        changed += 1
        print(f"{page.name} {'is out of date' if options.check else 'is written anew'}")
        if not options.check:
            page.write_text(text)
    return int(options.check and changed > 0)


if __name__ == "__main__":
    sys.exit(main())
