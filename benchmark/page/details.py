"""What the page shows of a fit and the two tables of a run do not hold.

Chosen parameters, what the fit noted, coefficients beside the truth, the last lines of a failure.
They come from the records once, and lie beside ``fits.csv`` as one small file, so that the page of
a snapshot is made without the records.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import baselines
from benchmark import ROOT, storage
from benchmark.config import cells
from benchmark.evaluation.results import made_at
from benchmark.evaluation.statistics import overlap_of
from benchmark.fitting import records
from benchmark.split_counts import splits_of

NAME = "details.json.gz"
SCHEMA_VERSION = 1
MAX_FEATURES = 60  # of one data set, those with the largest coefficients
MAX_NUMBERS = 400_000  # coefficients of all fits; beyond, their mean and deviation over splits
TAIL_LINES, TAIL_CHARACTERS = 30, 3000
MAX_TAILS = 300  # in the whole page


def gather(results, shown=None) -> dict:
    """Everything of :mod:`benchmark.page.details` about a run.

    Parameters
    ----------
    results : benchmark.evaluation.results.Results
    shown : dict of lists of int, optional
        The places of the features to show, by data set.  None: chosen by their coefficients.

    Returns
    -------
    dict that JSON can hold
        ``datasets``: features, truth, overlap by name.  ``cells``: by data set and method what its
        splits chose, noted and found.  ``commits``, ``versions``.

    Raises
    ------
    benchmark.storage.DamagedFile
        A record is missing or damaged.
    """
    coefs, found, commits, versions, tails = {}, {}, {}, {}, 0
    features = {
        dataset: _features(results, dataset)
        for dataset in dict.fromkeys(dataset for dataset, _ in cells(results.config))
    }
    for dataset, method in cells(results.config):
        cell, coef, frame = _empty(), [], baselines.load(method).frame
        for index in range(splits_of(results.config, dataset)):
            path = results.root / records.path_of(results.run, dataset, method, index)
            document = records.read(path)
            result, run = document["result"], document["run"]
            made = made_at(run)
            commits[made] = commits.get(made, 0) + 1
            for name, version in result["versions"].items():
                versions.setdefault(name, version)
            cell["local"] |= result["coef_is_local"]
            _note_chosen(cell, result["params"])
            cell["info"].append(result["info"])
            failed = result["status"] not in ("ok", "skipped")
            if failed and tails < MAX_TAILS:
                cell["tails"][str(index)] = tail(results, run)
                tails += 1
            values = records.read_arrays(path, document).get("coef")
            split = results.split(dataset, index)
            coef.append(None if values is None else _at(features[dataset], split, frame, values))
        cell["info"] = _columns(cell["info"])
        found.setdefault(dataset, {})[method] = cell
        coefs.setdefault(dataset, {})[method] = coef
    known = {
        dataset: _dataset(
            results, dataset, features[dataset], coefs[dataset], (shown or {}).get(dataset)
        )
        for dataset in found
    }
    _keep_coefficients(found, coefs, known)
    return {
        "schema_version": SCHEMA_VERSION,
        "commits": commits,
        "versions": versions,
        "datasets": known,
        "cells": found,
    }


def _empty() -> dict:
    return {"params": [], "chosen": [], "info": [], "tails": {}, "local": False}


def _note_chosen(cell, params):
    """Parameters are kept once, and for each split which of them it chose (None: it failed)."""
    if params is None:
        cell["chosen"].append(None)
        return
    if params not in cell["params"]:
        cell["params"].append(params)
    cell["chosen"].append(cell["params"].index(params))


def _columns(rows) -> dict:
    """Dictionaries, one per split, as lists by name."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: [rounded(row.get(name)) for row in rows] for name in names}


def rounded(value, digits=6):
    """A number with so many significant digits; anything else, and what is not finite, as text."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float | np.floating):
        return float(f"{value:.{digits}g}") if np.isfinite(value) else str(value)
    return str(value)


def _features(results, dataset) -> list[str]:
    """Features of all splits.

    A level that is rare among the training rows of one split alone has no column there.
    """
    indices = range(splits_of(results.config, dataset))
    of_split = [results.split(dataset, index).feature_names for index in indices]
    return list(dict.fromkeys(name for some in of_split for name in some))


def _at(features, split, frame, values) -> np.ndarray:
    """(d,) coefficients at the places of their features; nan elsewhere.

    Those of a fit of the frame belong to its numbers, which are features of the matrix as well.
    """
    place = {name: j for j, name in enumerate(features)}
    placed, sloped = np.full(len(features), np.nan), split.have_slopes(frame)
    for name, value in zip(np.array(split.columns(frame))[sloped], values[sloped], strict=True):
        placed[place[name]] = value
    return placed


def _dataset(results, dataset, names, coefs, shown=None) -> dict:
    """Features that the page shows, with the true coefficients where they are known."""
    indices = range(splits_of(results.config, dataset))
    truths = [results.truth(dataset, index).coef for index in indices]
    truths = [] if any(t is None for t in truths) else truths
    if shown is None:
        there = [c for cs in coefs.values() for c in cs if c is not None]
        shown = _largest(len(names), there, truths)
    same = bool(truths) and all(np.array_equal(t, truths[0]) for t in truths)
    return {
        "features": [names[j] for j in shown],
        "columns": [int(j) for j in shown],
        "n_features": len(names),
        "truth": [_numbers(t[shown]) for t in (truths[:1] if same else truths)],
        "overlap": rounded(overlap_of(results, dataset)),
    }


def _largest(d, coefs, truths) -> np.ndarray:
    """Columns to show: all, or those with the largest share of some fit's largest coefficient."""
    if d <= MAX_FEATURES:
        return np.arange(d)
    size = np.zeros(d)
    for values in [*coefs, *truths]:
        values = np.nan_to_num(np.abs(values))
        largest = np.max(values)
        size = np.maximum(size, values / (largest if largest > 0 else 1.0))
    return np.sort(np.argsort(-size, kind="stable")[:MAX_FEATURES])


def _numbers(values) -> list:
    return [None if np.isnan(v) else rounded(float(v), 4) for v in values]


def _keep_coefficients(found, coefs, known):
    """By split; as mean and standard deviation over splits where that would be too much.

    None stands where a split does not have the feature.
    """
    count = sum(
        len(known[dataset]["columns"])
        for dataset, by_method in coefs.items()
        for values in by_method.values()
        for value in values
        if value is not None
    )
    for dataset, by_method in coefs.items():
        shown = known[dataset]["columns"]
        for method, values in by_method.items():
            there = [v[shown] for v in values if v is not None]
            if not there:
                continue
            cell = found[dataset][method]
            if count <= MAX_NUMBERS:
                cell["coef"] = [None if v is None else _numbers(v[shown]) for v in values]
            else:
                table = pd.DataFrame(there)  # its moments pass over nan
                cell["coef_mean"] = _numbers(table.mean())
                cell["coef_sd"] = _numbers(table.std()) if there[1:] else None


def tail(results, run) -> str:
    """The last lines of a failed fit: its own where they were kept, else those of its log."""
    text = run.get("traceback", "")
    if not text:
        try:
            text = (results.root / run["log"]).read_text(errors="replace")
        except OSError:
            return ""
    text = without_places(text, results.root)
    return "\n".join(text.rstrip().splitlines()[-TAIL_LINES:])[-TAIL_CHARACTERS:]


def without_places(text: str, root=".") -> str:
    """Text without the folders of this machine, which tell a reader elsewhere nothing."""
    text = re.sub(r"/[^\s\"']*/fit-\w+", "<folder>", text)
    # the longest first: the environment often lies inside the project
    places = {str(Path(root).resolve()): "<project>", str(ROOT): "<project>"}
    places |= {sys.prefix: "<environment>", str(Path(sys.prefix).resolve()): "<environment>"}
    places |= {sys.base_prefix: "<python>"}
    for place in sorted(places, key=len, reverse=True):
        if len(place) > 1:
            text = text.replace(f"{place}/", f"{places[place]}/")
    return re.sub(re.escape(str(Path.home())) + "/", "~/", text)


def write(path, details: dict):
    """Write as compressed JSON; the same details give the same bytes."""
    storage.write_bytes(path, gzip.compress(storage.canonical(details), mtime=0))


def read(path) -> dict | None:
    """Read back; None where there is no such file.

    Raises
    ------
    benchmark.storage.DamagedFile
        It is not whole, or of another format.
    """
    path = Path(path)
    if not path.exists():
        return None
    try:
        details = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError) as error:
        raise storage.DamagedFile(f"{path}: not a whole file ({type(error).__name__})") from None
    if not isinstance(details, dict) or details.get("schema_version") != SCHEMA_VERSION:
        raise storage.DamagedFile(f"{path}: another format than version {SCHEMA_VERSION}")
    return details
