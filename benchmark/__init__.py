"""The comparison itself: data sets, metrics, fits, evaluation, tables, figures."""

from pathlib import Path

#: the project's folder
ROOT = Path(__file__).resolve().parent.parent
