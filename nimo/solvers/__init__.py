"""Solvers that the paper does not have: Gauss-Newton steps, and the lasso solved to the end."""
