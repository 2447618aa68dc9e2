"""Make a snapshot's tables, figures and summary anew from the scores that it keeps.

``python -m tools.remake docs/real [docs/results]``.  For a change of what is said about scores: a
statistic, a note, a figure.  Nothing is fitted, and no score is touched; splits are made anew and
must be those of the snapshot.  A snapshot keeps no predictions and no coefficients of single fits:
a figure that draws some stays as it is, and ``provenance.json`` names it, beside the commit of the
code that made the rest.  Of a snapshot of some tables these alone are made.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections import Counter
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path

import yaml

from benchmark import ROOT, provenance, report, storage
from benchmark.config import ConfigError, validate
from benchmark.datasets import TableError, splits
from benchmark.evaluation.results import Results, made_at, read_csv
from benchmark.figures import figures_of
from benchmark.page import details
from tools import snapshot

#: of the summary; what it says of the fits stays true
MADE_IT = "## What made it\n"


class NotKept(ValueError):
    """A snapshot does not hold what is asked for; the message says what."""


class Stored(Results):
    """The results of a snapshot, without the run that they come from.

    Parameters
    ----------
    folder : path of a snapshot such as docs/real

    Raises
    ------
    NotKept
        It does not hold the details of its fits.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        config = yaml.safe_load((self.folder / "config.yaml").read_text())
        # nothing is fitted: what cannot be had here has its place all the same
        config = validate(config | {"missing_packages": "skip", "missing_data": "refuse"})
        super().__init__(config, ROOT, self.folder)
        self.known = details.read(self.folder / details.NAME)
        if self.known is None:
            raise NotKept(f"{self.folder} does not hold the details of its fits; make it anew")
        self.made_by = json.loads((self.folder / "provenance.json").read_text())

    def record(self, dataset, method, index):
        """Of the ``result`` part of a record what the details hold."""
        cell = self.known["cells"][dataset][method]
        info = {name: values[index] for name, values in cell["info"].items()}
        if "tuning" in info:  # a dictionary, kept as text
            info["tuning"] = ast.literal_eval(info["tuning"])
        return {"coef_is_local": cell["local"], "info": info}

    def arrays(self, dataset, method, index):
        """Predictions and explanations of a fit.

        Raises
        ------
        NotKept
            Always.
        """
        raise NotKept(f"{self.folder} keeps no arrays of {method} on {dataset}")

    @cached_property
    def _sums(self) -> dict:
        manifest = read_csv(self.folder / "data_manifest.csv")
        return manifest.set_index(["dataset", "split"]).sha256.to_dict()

    @cache  # noqa: B019 (one object per command)
    def split(self, dataset, index):
        """The rows of a split, made anew.

        Raises
        ------
        NotKept
            They are not those of the snapshot.
        """
        made = splits.make(dataset, index, self.config)
        # a snapshot of before splits held frames has the sum of the matrix alone
        known = {splits.sha256(made), splits.sha256(replace(made, frame={}))}
        if self._sums.get((dataset, index)) not in known:
            raise NotKept(f"{dataset} split {index}: the rows are not those of {self.folder}")
        return made

    def truth(self, dataset, index=0):
        """What is known about a split."""
        return self.split(dataset, index).truth

    def commits(self) -> Counter:
        """The commits that the fits were made at, by number of fits."""
        return Counter(self.known["commits"])


def readme(results: Stored, now: str) -> str:
    """The summary of a snapshot, with what its former one says about the fits."""
    before = (results.folder / "README.md").read_text()
    told, _, made = before.partition(MADE_IT)
    if not made:
        raise NotKept(f'{results.folder}/README.md has no section "{MADE_IT.strip("# ")}"')
    made = made.partition("\n## Pictures\n")[0].rstrip("\n") + "\n"
    made = re.sub(r"tables at commit [^.\n]*\.", f"tables at commit {now}.", made)
    return report.summary(results).partition(MADE_IT)[0] + MADE_IT + made


def remake(folder, commit: str, dirty: bool) -> list[str]:
    """Write tables, figures, sentences and summary of a snapshot anew.

    Parameters
    ----------
    folder : path of a snapshot
    commit, dirty : of the code that does it, as from :func:`benchmark.provenance.commit`

    Returns
    -------
    list of str : the figures that stay as they are

    Raises
    ------
    NotKept
        The snapshot lacks something else than what figures draw.
    """
    results = Stored(folder)
    target, kept = results.folder, []
    config = (target / "config.yaml").read_text()
    made_now = {"commit": commit, "uncommitted_changes": dirty}
    text = readme(results, made_at({"commit": commit, "dirty": dirty}))
    whole = (target / "figures").is_dir()  # or some tables alone
    here = [path.stem for path in (target / "tables").glob("*.md")]
    snapshot.write_tables(results, target, snapshot.TABLES if whole else here)
    chosen = figures_of(results.config) if whole else []
    for path in (target / "figures").glob("*"):  # what such a run no longer has
        if path.stem not in chosen:
            path.unlink()
    for name in chosen:
        try:
            snapshot.draw_figure(name, results, target)
        except NotKept:
            kept.append(name)
    made_by = results.made_by | {"tables": made_now | {"figures_kept": kept}}
    snapshot.finish(results, target, text, made_by, sentences=whole)
    storage.write_text(target / "config.yaml", config)
    snapshot.publish(target.resolve())
    return kept


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("snapshots", nargs="+", type=Path, metavar="SNAPSHOT")
    now = provenance.commit()  # before the first snapshot changes files
    for folder in parser.parse_args(arguments).snapshots:
        try:
            kept = remake(folder, *now)
        except (ConfigError, NotKept, TableError, storage.DamagedFile, OSError) as error:
            sys.exit(f"error: {error}")
        print(f"{folder}: made anew; figures kept: {', '.join(kept) or 'none'}")


if __name__ == "__main__":
    main()
