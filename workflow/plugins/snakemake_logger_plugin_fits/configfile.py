"""Says in one line that a file given with ``--configfile`` is not there.

Snakemake opens such a file before it reads any rule, and shows a traceback where there is none.
What it loads before that are the plugins of its environment, and ``make environment`` puts this one
there.
"""

from __future__ import annotations

import sys
from pathlib import Path

OPTIONS = ("--configfile", "--configfiles")


def given(arguments: list[str]) -> list[str]:
    """Files that a command line of Snakemake names after ``--configfile``."""
    found, listening = [], False
    for word in arguments:
        option, equals, value = word.partition("=")
        if option in OPTIONS:
            listening = not equals
            found += [value] if equals else []
        elif word.startswith("-"):
            listening = False
        elif listening:
            found.append(word)
    return found


def check(arguments: list[str]):
    """End the program if one of these files is not there."""
    for path in given(arguments):
        if not Path(path).is_file():
            sys.exit(f"configuration refused: {path}: cannot be read: No such file or directory")


if Path(sys.argv[0]).parent.name == "snakemake" or Path(sys.argv[0]).name == "snakemake":
    check(sys.argv[1:])
