"""How numbers, lists and intervals are said in sentences."""

from __future__ import annotations

import math

from benchmark.evaluation.statistics import FEWEST, share_interval

NOUNS = {"synthetic": "synthetic {} data sets", "control": "linear {} controls"}


def noun(aggregate) -> str:
    """``13 real regression tables``, ``one real regression table``."""
    n = len(aggregate.datasets)
    words = NOUNS.get(aggregate.group, "real {} tables").format(aggregate.task)
    return f"{n} {words}" if n != 1 else f"one {words.removesuffix('s')}"


def over(aggregate) -> str:
    """``Over the 13 real regression tables``."""
    return f"{'Over' if len(aggregate.datasets) > 1 else 'On'} the {noun(aggregate)}"


def percent(share) -> str:
    """``8.9 %``."""
    return f"{100 * share:.1f} %"


def interval(lower, upper, unit: float = 100, decimals: int = 0) -> str:
    """`` [6, 13]``, in per cent; nothing where there is none."""
    if math.isnan(lower) or math.isnan(upper):
        return ""
    return f" [{unit * lower:.{decimals}f}, {unit * upper:.{decimals}f}]"


def count(k: int, n: int) -> str:
    """``7 of 10 (70 % [40, 89])``: a share with Wilson's interval, from five cases on."""
    shown = f"{k or 'none'} of {n}"
    if n < FEWEST:
        return shown
    return f"{shown} ({100 * k / n:.0f} %{interval(*share_interval(k, n))})"


def measured(aggregate, method) -> str:
    """``8.9 % [5.7, 14.3]``: the mean improvability of a method."""
    row = aggregate.measures.loc[method]
    ends = interval(row.improvability_lower, row.improvability_upper, decimals=1)
    return f"{percent(row.improvability)}{ends}"


def join(words) -> str:
    """``a, b and c``."""
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def ordinal(place) -> str:
    """``1st``, ``12th``, ``23rd``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{'th' if place % 100 in (11, 12, 13) else ending}"


def continued(parts) -> list[str]:
    """Parts of one sentence: only the first begins with a capital letter."""
    return [part if not k else part[0].lower() + part[1:] for k, part in enumerate(parts)]
