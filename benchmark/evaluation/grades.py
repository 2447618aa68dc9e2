"""From explanations to two tables: what became of each, and what every measure says of it.

``explained``: one row per data set, method, explainer and split, with its status; ``graded``: one
row per measure.  The explainer "" stands for the model itself, whatever explains it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import pandas as pd

from benchmark import storage
from benchmark.config import cells
from benchmark.evaluation.results import Results
from benchmark.explanations import explaining, probes, truth
from benchmark.metrics import CORRECTNESS, CORRECTNESS_OF_MODEL, FIDELITY, Sample
from benchmark.split_counts import splits_of

EXPLAINED = ["dataset", "method", "explainer", "split", "status", "seconds", "error"]
GRADED = ["dataset", "method", "explainer", "split", "family", "metric", "value"]
#: answers of the model that measures of an explainer's answers look at
SHARED = ("moved", "ablated", "removed")


class Explained:
    """What was asked of the models of a run, and what they and their explainers answered.

    Parameters
    ----------
    results : benchmark.evaluation.results.Results
        Of a run with ``explanations``.
    """

    def __init__(self, results):
        self.results, self.config = results, results.config

    def splits(self) -> Iterator[tuple[str, str, int]]:
        """Data set, method and split of all that should be explained."""
        for dataset, method in cells(self.config):
            for index in range(splits_of(self.config, dataset)):
                yield dataset, method, index

    @lru_cache(maxsize=64)  # noqa: B019 (all methods and splits of a data set, in most runs)
    def read(self, dataset, method, index) -> tuple[dict, dict]:
        """(facts, arrays) of one split.

        Raises
        ------
        benchmark.storage.DamagedFile
        """
        folder = self.results.root / explaining.folder_of(self.results.run, dataset, method)
        document, arrays = explaining.read(folder / f"split{index}.json")
        return document["facts"], arrays

    @cache  # noqa: B019 (one object per job)
    def probes(self, dataset, index):
        """What was asked of all models of a split."""
        arrays = self.results.split(dataset, index).arrays
        background = truth.background(self.results.dataset(dataset), arrays, probes.BACKGROUND)
        seed = probes.seed_of(self.config, dataset, index)
        return probes.of_split(arrays, self.config["explanations"]["rows"], seed, background)

    @cache  # noqa: B019
    def known(self, dataset, index):
        """What the data set's own function answers."""
        return truth.of_probes(self.results.dataset(dataset), self.probes(dataset, index))

    def coef(self, dataset, method, index):
        """(d,) global coefficients of a fit, None if it has none; of the truth for no method."""
        if method is None:
            return self.results.truth(dataset, index).coef
        return self.results.arrays(dataset, method, index).get("coef")

    def answers(self, dataset, method, index) -> dict | None:
        """Arrays of the model's own answers; None where it has not been asked."""
        facts, arrays = self.read(dataset, method, index)
        if facts["status"] != "ok":
            return None
        return {name: values for name, values in arrays.items() if "." not in name}

    def samples(self, dataset, method, index) -> Iterator[tuple[str, Sample]]:
        """What measures look at: of the model (explainer ""), and of each explainer."""
        facts, arrays = self.read(dataset, method, index)
        if facts["status"] != "ok":
            return
        split, known = self.results.split(dataset, index), self.known(dataset, index)
        asked = self.probes(dataset, index)
        own = {name: values for name, values in arrays.items() if "." not in name}
        yield "", Sample(own, split, known)
        common = {name: own[name] for name in SHARED}
        common |= {"steps": asked.steps, "groups": asked.groups}
        for name, outcome in facts["explainers"].items():
            if outcome["status"] == "ok":
                prefix = f"{name}."
                said = {
                    key.removeprefix(prefix): values
                    for key, values in arrays.items()
                    if key.startswith(prefix)
                }
                yield name, Sample(common | said, split, known)


def grades(explainer: str, sample) -> Iterator[tuple[str, str, float]]:
    """(family, measure, value) of everything that applies and is defined."""
    lists = {"correctness": CORRECTNESS, "fidelity": FIDELITY}
    if not explainer:
        lists = {"correctness": CORRECTNESS_OF_MODEL}
    for family, declared in lists.items():
        for metric in declared:
            if metric.applies(sample):
                value = float(metric.function(sample))
                if value == value:  # not defined here: no row, never a zero
                    yield family, metric.name, value


def gather(config, root=".") -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two tables of a run.

    Raises
    ------
    benchmark.storage.DamagedFile
        Explanations are missing or altered; the message lists the files.
    """
    explained = Explained(Results(config, root))
    rows, graded, problems = [], [], []
    for dataset, method, index in explained.splits():
        where = {"dataset": dataset, "method": method, "split": index}
        try:
            facts, _ = explained.read(dataset, method, index)
        except storage.DamagedFile as error:
            problems.append(str(error))
            continue
        rows += [where | row for row in _outcomes(facts)]
        for explainer, sample in explained.samples(dataset, method, index):
            graded += [
                where | {"explainer": explainer, "family": f, "metric": m, "value": value}
                for f, m, value in grades(explainer, sample)
            ]
    if problems:
        listed = "\n  ".join(problems[:20])
        raise storage.DamagedFile(
            f"{len(problems)} explanations cannot be used:\n  {listed}\n"
            "Delete them and run the same command again; no fit is repeated."
        )
    return pd.DataFrame(rows, columns=EXPLAINED), pd.DataFrame(graded, columns=GRADED)


def _outcomes(facts) -> Iterator[dict]:
    def told(error):
        return f"{error['class']}: {error['message']}" if error else None

    status = facts["status"]
    why = facts.get("why") if status == "no_fit" else told(facts.get("error"))
    yield {"explainer": "", "status": status, "seconds": None, "error": why}
    for name, outcome in facts["explainers"].items():
        yield {
            "explainer": name,
            "status": outcome["status"],
            "seconds": outcome.get("seconds"),
            "error": told(outcome.get("error")),
        }
