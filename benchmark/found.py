"""What a run has found, in at most ten sentences with their numbers, losses of ours first.

Every sentence (:mod:`benchmark.duels`, :mod:`benchmark.sentences`) is made from the results: one
that the run has no numbers for is left out.
"""

from __future__ import annotations

import re

import pandas as pd

from benchmark import duels
from benchmark import sentences as say
from benchmark.evaluation.aggregates import aggregates, primary_of
from benchmark.evaluation.statistics import FEWEST
from benchmark.metrics import PRIMARY
from benchmark.split_counts import told_splits

NAME = "found.md"
MOST = 10
HEAD = (
    "Made from the results of this run by `benchmark/found.py`. Improvability: the share of a "
    "method's error that the best method on the same data set does not make, averaged over data "
    "sets; 0 % is best everywhere. Errors are means over splits. In brackets: 95 % intervals, "
    "over data sets where a number is one of several data sets, over splits where it is one of a "
    f"single one; there is none below {FEWEST} of them."
)


def sentences(results) -> list[str]:
    """The sentences, at most ten, in the order of the page."""
    found = aggregates(results)
    real, synthetic, control = groups = [
        [one for task in PRIMARY if (one := primary_of(found, task, group)) is not None]
        for group in ("real", "synthetic", "control")
    ]
    # the group with most data sets, real tables first
    main = max(groups, key=lambda group: sum(len(one.datasets) for one in group))
    others = [one for group in (real, synthetic) if group is not main for one in group]
    whole = [duels.losses(results, one) for one in (*main, *others[:1])]
    whole.sort(key=lambda text: text is None or text.startswith(duels.NOBODY))
    whole.append(duels.duels(results, main))
    whole.append(say.structure(results))
    whole += [say.leaders(results, one) for one in main]
    whole.append(say.readable(results, main))
    whole.append(say.predictors(results, main))
    whole.append(say.alike(main))
    whole.append(say.fronts(results, main))
    whole.append(say.linear(results, real, control))
    whole += [say.cost(results, one) for one in main[:1]]
    whole += [say.leaders(results, one) for one in others]
    return [text for text in whole if text][:MOST]


def read(text: str) -> list[str]:
    """The sentences of such a page."""
    return re.findall(r"^\d+\. (.+)$", text, re.M)


def page(results) -> str:
    """The sentences as Markdown, with what they rest on."""
    fits = results.fits
    ok = int((fits.status == "ok").sum())
    said = sentences(results)
    lines = ["# What was found", "", HEAD, ""]
    lines += [f"{i}. {text}" for i, text in enumerate(said, start=1)]
    lines += [] if said else ["Fewer than two methods to compare: nothing."]
    n = told_splits(results.config, results.tasks)
    rests = f"Run `{results.run}`: {ok} of {len(fits)} fits ok, {n}"
    lines += ["", f"{rests} of each of {pd.unique(fits.dataset).size} data sets."]
    return "\n".join(lines) + "\n"
