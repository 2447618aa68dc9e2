"""How we choose: supports by the evidence, networks trained on them (ours, not the paper's)."""
