"""What the main tables leave out: the share of variance, and how good the probabilities are."""

from benchmark.tables.cells import failure_notes, implementation_notes, metric_blocks, tidy
from benchmark.tables.table import Table

TITLE = "Further scores: R², and the quality of class probabilities"
METRICS = ("r2", "auroc", "log_loss", "brier", "miscalibration")
NOTES = [
    "Cell: mean ± standard deviation over splits (successful splits / all splits). A dash: the "
    "method gives no probabilities.",
    "Miscalibration: the part of the Brier score that a monotone recalibration would take away "
    "(Dimitriadis, Gneiting and Jordan, PNAS 2021); small test sets make it larger for all.",
]


def build(results, published):
    blocks, cells = metric_blocks(results, results.datasets(), METRICS)
    notes = NOTES + failure_notes(cells) + implementation_notes(results, cells)
    return Table("further_scores", TITLE, tidy(cells), blocks, notes)
