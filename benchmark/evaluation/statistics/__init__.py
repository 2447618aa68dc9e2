"""How sure the comparison is: intervals, paired differences, ties, multiplicity, ranks.

They take frames and arrays, and know neither a run nor a method;
:mod:`benchmark.evaluation.comparisons` asks them about a run.

What each rests on is explained in docs/statistics.md.
"""

from benchmark.evaluation.statistics.between import mean_over_tables, over_tables, ratio_over_tables
from benchmark.evaluation.statistics.bounds import bounds
from benchmark.evaluation.statistics.dependence import overlap_of
from benchmark.evaluation.statistics.halves import Halves, halves
from benchmark.evaluation.statistics.improvability import improvability
from benchmark.evaluation.statistics.intervals import mean_interval, share_interval
from benchmark.evaluation.statistics.multiplicity import holm
from benchmark.evaluation.statistics.paired import Difference, compare, paired_difference
from benchmark.evaluation.statistics.ranks import (
    Ranking,
    critical_difference,
    rank_methods,
)
from benchmark.evaluation.statistics.ties import FEWEST, cannot_tell, merged, untested

__all__ = [
    "FEWEST",
    "Difference",
    "Halves",
    "Ranking",
    "bounds",
    "cannot_tell",
    "compare",
    "critical_difference",
    "halves",
    "holm",
    "improvability",
    "mean_interval",
    "mean_over_tables",
    "merged",
    "over_tables",
    "overlap_of",
    "paired_difference",
    "rank_methods",
    "ratio_over_tables",
    "share_interval",
    "untested",
]
