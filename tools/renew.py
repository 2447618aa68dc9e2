"""Bring a snapshot up to date with a run of some of its methods, or of new ones.

``python -m tools.renew CONFIG SNAPSHOT [--to FOLDER]``.  Fitting every method on every real table
takes hours.  Someone who has changed or added one method runs a config with that method alone, on
the data sets and splits of the snapshot, and gets every table and figure with the published rows of
the others.  Data sets that the run alone has are left out; with ``--shared`` those that it lacks
are too, so that a slow method can be held against the others on some tables.  A kept row is only
worth something if it would come out the same today: its settings, data, code and package versions
are compared first, and what differs is refused by name.  Where a changed method takes hours to fit,
``--other-code METHOD`` keeps its rows all the same; pages that show them say whose code differs.  A
snapshot keeps no predictions: where a figure draws some of a kept method, that method is named.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from functools import cached_property
from pathlib import Path

import pandas as pd

from benchmark import ROOT, provenance, report, storage
from benchmark.config import ConfigError, cells, read
from benchmark.evaluation.results import Results, read_csv
from benchmark.figures import figures_of
from benchmark.fitting import key
from benchmark.page import details
from tools import inserted, snapshot
from tools.remake import NotKept, Stored

#: what the two configs may differ in, since no row that is ok depends on it
MAY_DIFFER = {
    "run",
    "datasets",
    "methods",
    "labels",
    "chunk_size",
    "limits",
    "missing_packages",
    "missing_data",
}


class CannotRenew(ValueError):
    """Rows of the snapshot and of the run do not belong into one table; the message says why."""


class Renewed(Results):
    """The results of a snapshot, those of a run in their places; new methods come last.

    Parameters
    ----------
    folder : path of a snapshot such as docs/real
    run : benchmark.evaluation.results.Results
        Of a complete run on the data sets and splits of the snapshot; others have no place in it.
    other_code : sequence of str
        Kept methods whose code may be another today.
    shared : bool
        Only the data sets that the run has too.

    Raises
    ------
    CannotRenew
        Another setting, other data, other code or another package version lies behind the rows that
        would be kept; the message names the first of them.
    benchmark.storage.DamagedFile
        A table of the snapshot was altered.
    """

    def __init__(self, folder, run: Results, other_code=(), shared: bool = False):
        self.folder, self.root = Path(folder), run.root
        try:
            self._published = Stored(self.folder)
        except NotKept as error:
            raise CannotRenew(str(error)) from None
        published, there = self._published.config, self._published.tasks
        self.of_run = run = Results(snapshot.restricted(run.config, there), run.root)
        if shared:
            published = snapshot.restricted(published, run.tasks)
        new = [m for m in run.config["methods"] if m not in published["methods"]]
        self.config = published | {"methods": [*published["methods"], *new]}
        self.run = published["run"]
        self._declared, self.tasks = run._declared, run.tasks
        self._made_by, self._known = self._published.made_by, self._published.known
        if unknown := [m for m in other_code if m not in self.kept]:
            raise CannotRenew(f"--other-code {unknown[0]}: no method whose rows would be kept")
        self._check(published, other_code)
        self.fits = self._joined(self._published.fits, run.fits)
        self.scores = self._joined(self._published.scores, run.scores)

    # -------------------------------------------------------------- may the rows stand together

    def _check(self, theirs, other_code):
        ours = self.of_run.config
        for name in sorted(set(theirs) - MAY_DIFFER):
            if theirs[name] != ours[name]:
                raise CannotRenew(
                    f'"{name}" is {theirs[name]} in {self.folder}/config.yaml, '
                    f"and {ours[name]} in this run"
                )
        if "code" not in self._made_by:
            raise CannotRenew(f"{self.folder} does not note the code behind its rows; make it anew")
        if absent := [name for name in theirs["datasets"] if name not in self.of_run.tasks]:
            raise CannotRenew(
                f"{', '.join(absent)}: in {self.folder}, and not in this run, which must have all "
                "of its data sets; --shared --to FOLDER compares on those that it has"
            )
        manifests = (
            self.folder / "data_manifest.csv",
            self.of_run.root / "data" / ours["run"] / "manifest.csv",
        )
        theirs, ours = (
            read_csv(path).set_index(["dataset", "split"]).sha256.to_dict() for path in manifests
        )
        for where, sha256 in theirs.items():
            if where[0] in self.tasks and ours.get(where) != sha256:
                raise CannotRenew(
                    f"{where[0]} split {where[1]}: the rows are not those of {self.folder}"
                )
        code = self._made_by["code"]
        if code["scoring"] != inserted.scoring_sha256():
            raise CannotRenew(
                f"the scores of {self.folder} were computed by other code than today's"
            )
        for method in self.kept:
            changed = code["methods"].get(method) != key.code_sha256(method)
            if changed and method not in other_code:
                raise CannotRenew(
                    f"{method} has changed since {self.folder} was made: fit it too, or keep its "
                    f"rows with --other-code {method}"
                )
            for name, version in provenance.versions(method).items():
                before = self._known["versions"].get(name, version)
                if version not in (before, "not installed"):
                    raise CannotRenew(
                        f"{method} rests on {name}, {before} in {self.folder} and {version} here: "
                        "fit it too"
                    )

    @cached_property
    def kept(self) -> list[str]:
        """The methods whose rows are those of the snapshot."""
        fitted = self.of_run.config["methods"]
        return [m for m in self._published.config["methods"] if m not in fitted]

    def _joined(self, theirs, ours) -> pd.DataFrame:
        """Rows in the order of cells and splits; those of one fit in the order they had."""
        order = {cell: place for place, cell in enumerate(cells(self.config))}
        rows = pd.concat([theirs[theirs.method.isin(self.kept)], ours], ignore_index=True)
        rows = rows[rows.dataset.isin(self.tasks)]
        place = [order[cell] for cell in zip(rows.dataset, rows.method, strict=True)]
        rows = rows.assign(place=place).sort_values(["place", "split"], kind="stable")
        return rows.drop(columns="place").reset_index(drop=True)

    # -------------------------------------------------------------- what lies behind a row

    def record(self, dataset, method, index):
        """The ``result`` part of a record; of a kept row only what the snapshot's details hold."""
        if method not in self.kept:
            return self.of_run.record(dataset, method, index)
        return self._published.record(dataset, method, index)

    def arrays(self, dataset, method, index):
        """Predictions and explanations of a fit that the run made.

        Raises
        ------
        CannotRenew
            It is one of the snapshot's, which keeps none.
        """
        if method in self.kept:
            raise CannotRenew(
                f"a figure draws what {method} has found on {dataset}, "
                f"and {self.folder} keeps no arrays: fit {method} too"
            )
        return self.of_run.arrays(dataset, method, index)

    def split(self, dataset, index):
        """The rows of a split, which are those of the snapshot."""
        return self.of_run.split(dataset, index)

    def truth(self, dataset, index=0):
        """What is known about a split."""
        return self.of_run.truth(dataset, index)

    def commits(self) -> Counter:
        """The commits behind the run's fits by number, and behind the kept ones together."""
        return Counter(self.details["commits"])

    # -------------------------------------------------------------- what the snapshot notes

    @cached_property
    def details(self) -> dict:
        """What :func:`benchmark.page.details.gather` would tell of all of it."""
        known = {name: self._known["datasets"][name] for name in self.tasks}
        shown = {name: one["columns"] for name, one in known.items()}
        ours = details.gather(self.of_run, shown)
        found = {
            dataset: {
                method: (self._known if method in self.kept else ours)["cells"][dataset][method]
                for of, method in cells(self.config)
                if of == dataset
            }
            for dataset in known
        }
        kept = int(self.fits.method.isin(self.kept).sum())
        commits = self._made_by["commits"]
        before = commits[0][:12] if len(commits) == 1 else f"{len(commits)} earlier commits"
        return self._known | {
            "datasets": known,
            "cells": found,
            "versions": self._known["versions"] | ours["versions"],
            "commits": dict(Counter({before: kept}) + Counter(ours["commits"])),
        }

    def provenance(self, made_by) -> dict:
        """What made it.

        Parameters
        ----------
        made_by : dict
            The provenance of the run's own records.
        """
        code = {**self._made_by["code"]["methods"], **made_by["code"]["methods"]}
        return made_by | {
            "commits": list(dict.fromkeys([*self._made_by["commits"], *made_by["commits"]])),
            "uncommitted_changes": self._made_by["uncommitted_changes"]
            or made_by["uncommitted_changes"],
            "records": len(self.fits),
            "fit_seconds_total": round(self.fits.fit_seconds.sum()),
            "code": made_by["code"] | {"methods": code},
            "kept": {"methods": self.kept, "commits": self._made_by["commits"]},
        }


def write(results: Renewed, target: Path):
    """Write tables, figures and all else that a snapshot holds."""
    snapshot.write_tables(results, target)
    for name in figures_of(results.config):
        snapshot.draw_figure(name, results, target)
    for name in ("fits", "scores"):
        storage.write_text(target / f"{name}.csv", getattr(results, name).to_csv(index=False))
    details.write(target / details.NAME, results.details)
    for path in results.folder.glob("*._*.json"):  # how kept methods were run
        shutil.copy(path, target)
    source = ROOT / "results" / results.of_run.run
    snapshot.keep_implementations(source, target)
    manifest = read_csv(results.folder / "data_manifest.csv")
    manifest = manifest[manifest.dataset.isin(results.tasks)].to_csv(index=False)
    storage.write_text(target / "data_manifest.csv", manifest)
    made_by = results.provenance(snapshot.provenance(results.of_run.config))
    kept = ", ".join(map(results.label, results.kept)) or "none"
    note = f"* Kept from the snapshot before, with the seconds of the machine behind it: {kept}.\n"
    snapshot.finish(results, target, report.summary(results) + note, made_by)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", help="of a complete run")
    parser.add_argument("snapshot", type=Path, help="such as docs/real")
    parser.add_argument("--to", type=Path, help="write there, and leave the snapshot as it is")
    parser.add_argument(
        "--other-code",
        nargs="+",
        default=(),
        metavar="METHOD",
        help="keep its rows although its code has changed; pages say so",
    )
    parser.add_argument(
        "--shared", action="store_true", help="only the data sets of the run; needs --to"
    )
    options = parser.parse_args(arguments)
    if options.shared and not options.to:
        parser.error("--shared needs --to: the snapshot would lose data sets")
    target = (options.to or options.snapshot).resolve()
    try:
        config = read(options.config)
        snapshot.require_complete(config)
        run = Results(config, ROOT)
        results = Renewed(options.snapshot, run, options.other_code, options.shared)
        with snapshot.replacing(target) as made:
            write(results, made)
    except (ConfigError, CannotRenew, storage.DamagedFile, OSError) as error:
        sys.exit(f"error: {error}")
    snapshot.publish(target)
    print(f"{len(results.fits)} fits in {target.name}, those of {len(results.kept)} methods kept")


if __name__ == "__main__":
    main()
