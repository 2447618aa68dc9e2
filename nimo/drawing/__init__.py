"""Figures of fitted models.  Needs matplotlib."""
