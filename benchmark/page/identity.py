"""Which run a page shows: its name, its grid, its rows and cuts, its protocol, its commit."""

from __future__ import annotations

from benchmark import provenance
from benchmark.datasets.tabular import SHARES
from benchmark.evaluation.aggregates import GROUP_LABELS
from benchmark.split_counts import told_splits

PROTOCOLS = {
    "paper": "paper: validation rows stop a method or choose among its fits, and train none",
    "practice": "practice: of a real table, a method that needs no validation rows is trained on "
    "them too",
}


def title(results) -> str:
    """``Run real: 22 methods on 21 data sets``."""
    methods, tables = len(results.methods()), len(results.datasets())
    return f"Run {results.run}: {_plural(methods, 'method')} on {_plural(tables, 'data set')}"


def facts(results, commits) -> list[list[str]]:
    """Pairs of a term and a text.

    Parameters
    ----------
    commits : iterable of commits at which fits were made, the one with most of them first
    """
    config, commits = results.config, list(commits)
    found = [
        ["Grid", _grid(results)],
        ["Cuts", f"{told_splits(config, results.tasks)} of each data set, seed {config['seed']}"],
        ["Rows", _rows(results)],
        ["Protocol", PROTOCOLS[config["protocol"]]],
        ["Tuning", _tuning(config["tuning"])],
    ]
    if commits:
        at = f"{commits[0]}{_date(commits[0])}"
        found.append(["Commit of the fits", ", ".join([at, *commits[1:]])])
    return found


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _grid(results) -> str:
    """``regression: 10 real tables, 2 linear controls; classification: 8 real tables``."""
    told = []
    for task in dict.fromkeys(results.tasks.values()):
        counts = {
            label: len(results.datasets(task, group)) for group, label in GROUP_LABELS.items()
        }
        some = [f"{count} {label}" for label, count in counts.items() if count]
        told.append(f"{task}: {', '.join(some)}")
    return "; ".join(told)


def _rows(results) -> str:
    config, groups = results.config, {results.dataset(name).group for name in results.datasets()}
    told = []
    if "synthetic" in groups:
        parts = "{train} to train, {val} to validate, {test} to test".format(**config["rows"])
        told.append(f"synthetic data: {parts}")
    if groups - {"synthetic"}:
        cut = "/".join(f"{100 * share:.0f}" for share in SHARES)
        told.append(f"tables: at most {config['sample']}, cut {cut} per cent")
    return "; ".join(told)


def _tuning(tuning: int) -> str:
    if tuning == 1:
        return "the default configuration of each method that does not choose by itself"
    return f"{tuning} configurations of each method that does not choose by itself"


def _date(commit: str) -> str:
    """`` of 2026-11-30``; nothing where git does not know the commit."""
    date = provenance.date(commit.split()[0])
    return f" of {date}" if date else ""
