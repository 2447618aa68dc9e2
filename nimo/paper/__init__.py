"""The published method: network, masking, elimination of the coefficients, and the algorithms.

Imports nothing of :mod:`nimo.solvers` and :mod:`nimo.selection`.
"""
