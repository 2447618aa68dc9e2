"""How we choose: supports by the evidence, networks taught on them (ours, not the paper's)."""
