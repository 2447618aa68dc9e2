"""The numbers of a report, with scripts and style, as one HTML file that asks for no other."""

from __future__ import annotations

import html
import json
import math
import re
from importlib.resources import files
from typing import Any

#: In the order in which they are joined.
SCRIPTS = ("base.js", "panels.js", "rows.js", "main.js")
#: A picture shows no more.
WRITTEN_DIGITS = 6


def document(data: dict[str, Any]) -> str:
    """The page of what :func:`nimo.report.contents.contents` has found."""
    assets = files("nimo.report") / "assets"
    values = {
        "title": html.escape(f"{data['model']}: {data['n_rows']} rows"),
        "style": (assets / "page.css").read_text(encoding="utf-8"),
        "data": _json(data),
        "script": "\n".join((assets / name).read_text(encoding="utf-8") for name in SCRIPTS),
    }
    template = (assets / "page.html").read_text(encoding="utf-8")
    # one pass, so that nothing in a value is taken for a place of the template
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], template)


def _json(data: Any) -> str:
    """JSON that can stand inside a script element: no tag begins in it."""
    text = json.dumps(_rounded(data), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # a lone surrogate is text to Python, and cannot be written
    text = re.sub(r"[\ud800-\udfff]", "\ufffd", text)
    return text.replace("<", "\\u003c")


def _rounded(value: Any) -> Any:
    """The same with fewer digits; None for what is not finite, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.{WRITTEN_DIGITS}g}") if math.isfinite(value) else None
    return value
