"""From a fitted model and rows to a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from nimo.report.contents import contents
from nimo.report.document import document


def write(model: Any, X: Any, y: Any, to: str | os.PathLike) -> Path:
    """The page of a fitted model; parameters, errors and what is returned as of its ``report``."""
    check_is_fitted(model)
    path = Path(to)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"to={str(to)!r}: there is no folder {str(path.parent)!r}")
    if path.is_dir():
        raise IsADirectoryError(f"to={str(to)!r} is a folder: give the name of a file in it")
    path.write_text(document(contents(model, X, y)), encoding="utf-8")
    return path
