"""NIMO without the corrections g: a lasso in the adaptive ridge form."""

from dataclasses import replace

from baselines._nimo import ablation

METHOD = ablation("nimo_no_correction", "NIMO, no g", use_correction=False)
METHOD = replace(METHOD, random=False)  # without g there is no network to initialise
