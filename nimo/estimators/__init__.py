"""The scikit-learn estimators: parameters, rows, and what a fit leaves behind."""
