"""The extended model (ours): free amplitudes and shapes, its structure chosen by the evidence."""
