"""The order of the tests, and their division into parts that CI runs one after the other."""

from pathlib import Path

from benchmark import ROOT

TESTS = ROOT / "tests"
#: folders whose files take longest; a long file that comes last has one worker wait for the other
FIRST = ("workflow", "nimo", "baselines")


def order(path: Path) -> int:
    """Place of a file among all: the lower, the earlier."""
    folder = path.relative_to(TESTS).parts[0] if path.is_relative_to(TESTS) else None
    return FIRST.index(folder) if folder in FIRST else len(FIRST)


def in_part(paths, part: str) -> set[Path]:
    """The files of part ``"k/n"``: every n-th, from the k-th on.

    Raises
    ------
    ValueError
        ``part`` is not of this form, or k does not lie between 1 and n.
    """
    words = part.split("/")
    if (
        len(words) != 2
        or not all(w.isdecimal() for w in words)
        or not 1 <= int(words[0]) <= int(words[1])
    ):
        raise ValueError(f"--part must be k/n with k from 1 to n, got {part!r}")
    k, n = map(int, words)
    return set(sorted(set(paths))[k - 1 :: n])
