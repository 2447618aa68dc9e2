"""NIMO without the group penalty on the columns of the first layer."""

from baselines._nimo import ablation

METHOD = ablation("nimo_no_group_penalty", "NIMO, no group penalty", group_penalty=0.0)
