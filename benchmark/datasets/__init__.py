"""Data sets: what a method is trained, tuned and judged on."""
