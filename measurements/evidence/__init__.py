"""A prototype: NIMO with free amplitudes and shapes, selected by the evidence.

No part of the package ``nimo``.  docs/nimo_beyond.md says what it is, what was measured, and what
is missing before it could become one; ``measurements/beyond.py`` measures it.
"""

from measurements.evidence.estimators import ExtendedNIMOClassifier, ExtendedNIMORegressor
from measurements.evidence.selection import SelectionSettings

__all__ = ["ExtendedNIMOClassifier", "ExtendedNIMORegressor", "SelectionSettings"]
