"""The page's data, scripts and style, put into one HTML file; and the data read back out of it."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from pathlib import Path

from benchmark import storage

ASSETS = Path(__file__).parent / "assets"
#: our scripts, in the order in which they are joined into one module
SCRIPTS = (
    "format.js",
    "data.js",
    "theme.js",
    "grid.js",
    "cells.js",
    "heat.js",
    "scores.js",
    "list.js",
    "coefficients.js",
    "dialog.js",
    "figures.js",
    "printed.js",
    "leaderboard.js",
    "compare.js",
    "about.js",
    "main.js",
)
_DATA = re.compile(
    r'<script type="application/json" id="(?P<id>data|other)">(?P<json>.*?)</script>', re.S
)


def document(data: dict, other: dict | None = None, shared: str | None = None) -> str:
    """The page.

    Parameters
    ----------
    data : as :func:`benchmark.page.contents.contents` gives it
    other : the same of a second run, with which the page opens compared
    shared : where :func:`libraries` lie as seen from the page, such as ".."; None: inside it
    """
    tags = {name: _tag(name, text, shared) for name, text in libraries().items()}
    values = {
        "title": html.escape(data["title"]),
        "style": (ASSETS / "page.css").read_text(encoding="utf-8"),
        "shared_style": tags["datatables.css"],
        "shared_scripts": tags["datatables.js"] + "\n" + tags["plotly.js"],
        "data": _json(data),
        "other": "null" if other is None else _json(other),
        "script": "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS),
    }
    template = (ASSETS / "page.html").read_text(encoding="utf-8")
    # one pass, so that nothing in a value is taken for a place of the template
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], template)


def libraries() -> dict[str, str]:
    """What draws, sorts and styles on every page, by file name."""
    from plotly.offline import get_plotlyjs

    tables = _datatables()
    return {
        "datatables.css": tables.with_suffix(".css").read_text(encoding="utf-8"),
        # A module cannot be taken from a file beside the page, browsers refuse that from disk; a
        # script that holds it can.
        "datatables.js": f'const DATATABLES = "{_data_url(tables.read_bytes())}";',
        "plotly.js": f'const PLOTLY = "{_packed(get_plotlyjs())}";',
    }


def _tag(name: str, text: str, folder: str | None) -> str:
    """An element that holds a library, or that takes it from a folder."""
    style = name.endswith(".css")
    if folder is None:
        return f"<style>{text}</style>" if style else f"<script>{text}</script>"
    place = f"{folder}/{name}"
    return (
        f'<link rel="stylesheet" href="{place}">' if style else f'<script src="{place}"></script>'
    )


def _datatables() -> Path:
    """DataTables with its extensions, as itables packs it for pages without a network."""
    import itables.options

    return Path(itables.options.dt_bundle)


def _data_url(content: bytes) -> str:
    return "data:text/javascript;base64," + base64.b64encode(content).decode("ascii")


def _packed(text: str) -> str:
    """What ``unpacked`` in page.html reads, less than half as long: zlib's format, in base64."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def _json(data) -> str:
    """JSON that can stand inside a script element: no tag begins in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def read_contents(path) -> dict:
    """The data of a page.

    Raises
    ------
    benchmark.storage.DamagedFile
        The file cannot be read, or is not such a page.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise storage.DamagedFile(f"{path}: cannot be read: {error}") from None
    for match in _DATA.finditer(text):
        if match["id"] == "data":
            return json.loads(match["json"])
    raise storage.DamagedFile(f"{path}: not a results page")
