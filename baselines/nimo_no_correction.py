"""NIMO without the corrections g: a lasso in the adaptive ridge form."""

from baselines._nimo import ablation

METHOD = ablation("nimo_no_correction", "NIMO, no g", use_correction=False)
