"""How sure the comparison is: intervals, paired differences, multiplicity, ranks.

What each rests on is explained in docs/statistics.md.
"""

from benchmark.evaluation.statistics.dependence import overlap_of
from benchmark.evaluation.statistics.improvability import improvability
from benchmark.evaluation.statistics.intervals import mean_interval
from benchmark.evaluation.statistics.multiplicity import holm
from benchmark.evaluation.statistics.paired import Difference, compare, paired_difference
from benchmark.evaluation.statistics.ranks import (
    Ranking,
    critical_difference,
    rank_methods,
    rankings,
)

__all__ = [
    "Difference",
    "Ranking",
    "compare",
    "critical_difference",
    "holm",
    "improvability",
    "mean_interval",
    "overlap_of",
    "paired_difference",
    "rank_methods",
    "rankings",
]
