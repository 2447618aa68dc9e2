"""How sure the comparison is: intervals, paired differences, multiplicity, ranks.

What each rests on is explained in docs/statistics.md.
"""

from benchmark.statistics.dependence import overlap_of
from benchmark.statistics.intervals import mean_interval
from benchmark.statistics.multiplicity import holm
from benchmark.statistics.paired import Difference, compare, paired_difference
from benchmark.statistics.ranks import Ranking, critical_difference, rank_methods, rankings

__all__ = [
    "Difference",
    "Ranking",
    "compare",
    "critical_difference",
    "holm",
    "mean_interval",
    "overlap_of",
    "paired_difference",
    "rank_methods",
    "rankings",
]
