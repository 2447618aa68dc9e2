"""From records to two tables: what became of every fit, and what every metric says of it.

Nothing is left out and nothing is filled in: a fit that failed is a row of the first table with its
status, and has no row in the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmark import storage
from benchmark.config import dataset_tasks
from benchmark.datasets import splits
from benchmark.evaluation.scoring import FITS, SCORES, fit_row, score_rows
from benchmark.fitting import plan, records
from benchmark.split_counts import splits_of


class IncompleteRun(storage.DamagedFile):
    """Records are missing, damaged or foreign; the message lists them."""


def read_all(config, root=".") -> Iterator[tuple[dict, dict]]:
    """Check every record of a run; then read them in the order of data sets, methods and splits.

    Yields
    ------
    record, arrays

    Raises
    ------
    IncompleteRun
        A split or record is missing, damaged, or was made by other code, data or settings than
        this run's.  The message names each file and how to mend it.
    """
    problems = []
    for dataset in dataset_tasks(config):
        indices = range(splits_of(config, dataset))
        problems += splits.problems(dataset, config, indices, root)
    _refuse(problems, "splits")
    found = []
    for path, key in plan.fits(config, root):
        try:
            result = records.read(path)["result"]
            storage.read_bytes(records.arrays_path(path), result["arrays_sha256"])  # not unpacked
        except storage.DamagedFile as error:
            problems.append(str(error))
            continue
        if result["key"] != key:
            problems.append(f"{path}: made by other code, data or settings than this run's")
            continue
        found.append(path)
    _refuse(problems, "records")
    for path in found:  # read again: all at once may not fit into memory
        record = records.read(path)
        yield record, records.read_arrays(path, record)


def _refuse(problems, what):
    if problems:
        shown = "\n  ".join(problems[:20])
        more = f"\n  and {len(problems) - 20} more" if len(problems) > 20 else ""
        raise IncompleteRun(
            f"{len(problems)} {what} cannot be used:\n  {shown}{more}\n"
            "Delete them and run the same command again; nothing else is made anew."
        )


def gather(config, root=".") -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two tables of a run, ``fits`` and ``scores``.

    Raises
    ------
    IncompleteRun
        See :func:`read_all`.
    """
    root, run = Path(root), config["run"]
    fits, scores, known = [], [], {}
    for record, arrays in read_all(config, root):
        result = record["result"]
        where = result["dataset"], result["split"]
        if where not in known:
            known[where] = (
                splits.read(root / splits.path_of(run, *where)),
                splits.read_truth(root / splits.truth_path_of(run, *where)),
            )
        fits.append(fit_row(record))
        scores.extend(score_rows(record, arrays, *known[where]))
    return pd.DataFrame(fits, columns=FITS), pd.DataFrame(scores, columns=SCORES)
