"""Fitted models as documents, as Python, as SQL."""
