"""NIMO whose correction g_j sees x_j: beta_j and g_j no longer part two kinds of effect."""

from baselines._nimo import ablation

METHOD = ablation("nimo_sees_self", "NIMO, g sees x_j", mask_self=False)
