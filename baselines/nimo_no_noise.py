"""NIMO without noise on the first layer during training."""

from baselines._nimo import ablation

METHOD = ablation("nimo_no_noise", "NIMO, no noise", noise=0.0)
