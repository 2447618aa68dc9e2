"""NIMO without the penalty on beta: every feature keeps a coefficient."""

from baselines._nimo import ablation

METHOD = ablation("nimo_no_sparsity", "NIMO, no sparsity", penalty=0.0)
