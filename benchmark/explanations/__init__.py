"""Explanations of stored fits: what every model and every explainer says of the same rows.

One way: probes (which rows, which changes of them), observe (what a fitted model answers),
explaining and asking (one process per data set and method, watched from outside), truth (what the
data set's function answers).  Nothing is graded here: :mod:`benchmark.evaluation.grades` applies
the measures, which are declared in :mod:`benchmark.metrics`.
"""
