"""NIMO+ (ours): lines, curves and surfaces on fixed bases, chosen by the evidence."""
