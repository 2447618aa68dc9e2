"""NIMO without g_j(0) = 0: beta_j is no longer the marginal effect at the baseline."""

from baselines._nimo import ablation

METHOD = ablation("nimo_no_zero_point", "NIMO, g(0) free", zero_at_baseline=False)
