"""First-layer support: are the features that modulate others' effects the true ones?"""

from __future__ import annotations

from benchmark.tables.cells import failure_notes, implementation_notes, metric_blocks, tidy
from benchmark.tables.table import Table

TITLE = "Recovery of the interacting features (first-layer support)"
METRICS = (
    "interaction_precision",
    "interaction_recall",
    "interaction_f1",
    "interaction_exact",
)
NOTES = [
    "Truth: the features that occur inside a bracket that multiplies another feature (none in "
    "vanilla). Found: the method's interaction_features_. Exactly right: share of splits.",
    "Finding nothing counts as precise, and where nothing is to be found everything is recalled. A "
    "dash: the method does not do the task or does not name such features.",
]


def build(results, published):
    datasets = [d for d in results.datasets() if results.truth(d).interacting is not None]
    blocks, found = metric_blocks(results, datasets, METRICS)
    notes = NOTES + failure_notes(found) + implementation_notes(results, found)
    return Table("first_layer", TITLE, tidy(found), blocks, notes)
