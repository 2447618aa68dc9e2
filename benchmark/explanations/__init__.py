"""Explanations of stored fits: what every model and every explainer says of the same rows, graded.

One way: probes (which rows, which changes of them), observe (what a fitted model answers), worker
and driver (one process per data set and method), truth (what the data set's function answers),
collect (every measure of every explanation).  The measures are declared in
:mod:`benchmark.metrics.fidelity` and :mod:`benchmark.metrics.correctness`.
"""
