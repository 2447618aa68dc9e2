"""The tables of a run, read back from the Markdown in which they were written.

The page shows them as they are printed, whatever tables a run has; so a new table needs no code
here.
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmark.tables import TABLES

_CELLS = re.compile(r"(?<!\\)\|")


def _unescaped(text: str) -> str:
    return re.sub(r"\\([|*])", r"\1", text).strip()


def _cells(line: str) -> list[str]:
    return [_unescaped(cell) for cell in _CELLS.split(line.strip().strip("|"))]


def parse(text: str) -> dict:
    """Title, blocks and notes of one table.

    A row that belongs to the one above it (``paper v1``) is given its name, so that it can be
    sorted and filtered with it.

    Returns
    -------
    dict with ``title``, ``blocks`` (title, header, rows) and ``notes``
    """
    title, blocks, notes, heading, words = "", [], [], "", []
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if line.startswith("|"):
            if place == 0 or not lines[place - 1].startswith("|"):
                blocks.append({"title": heading, "header": _cells(line), "rows": []})
            elif not re.fullmatch(r"\|[\s|:-]+\|", line):
                blocks[-1]["rows"].append(_named(_cells(line), blocks[-1]["rows"]))
        elif line.startswith("**") and not title:
            title = _unescaped(line.strip("*"))
        elif line.startswith("* "):
            notes.append(_unescaped(line[2:]))
        elif line.startswith("*"):
            heading = _unescaped(line.strip("*"))
        elif line.strip():
            words.append(_unescaped(line))
    return {"title": title, "blocks": blocks, "notes": [*words, *notes]}


def _named(row, above) -> list[str]:
    if row[0].startswith("paper ") and above:
        owner = next(r[0] for r in reversed(above) if ", paper " not in r[0])
        return [f"{owner}, {row[0]}", *row[1:]]
    return row


def read_all(folder) -> list[dict]:
    """The tables in ``folder`` with rows, those of :data:`benchmark.tables.TABLES` first."""
    there = {path.stem: path for path in sorted(Path(folder).glob("*.md"))}
    names = [n for n in TABLES if n in there] + [n for n in there if n not in TABLES]
    read = [{"name": name} | parse(there[name].read_text(encoding="utf-8")) for name in names]
    filled = [one | {"blocks": [b for b in one["blocks"] if b["rows"]]} for one in read]
    return [one for one in filled if one["blocks"]]
