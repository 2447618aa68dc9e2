"""A delimited text file as cells: its encoding, its separator, and the line of every row.

The user is asked for none of them.  They are found, and told in words for the manifest.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmark.datasets.dataset import TableError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE = 1000  # rows that decide about the separator
#: the mark of UTF-32 begins with that of UTF-16
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ENCODINGS = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32"}
COMMENT = "#"
#: the line with which Excel names the separator of a file
_NAMED = re.compile(r'"?sep=([,;\t|])"?[ ]*(?:\r\n?|\n)', re.IGNORECASE)


@dataclass(frozen=True)
class Cells:
    """What a file holds.

    Attributes
    ----------
    header : names of the columns
    header_line : the number of the line in which they stand
    rows : one list of cells per row, each as long as the header
    lines : the number of the line in which each row begins, counted from 1
    separator : the word for it
    encoding : the word for it
    comments : how many lines of comment there are below the header
    """

    header: list[str]
    header_line: int
    rows: list[list[str]]
    lines: list[int]
    separator: str
    encoding: str
    comments: int


def read(path: Path, shown: str) -> Cells:
    """Read a file whose first line that is neither blank nor a comment names its columns.

    Separators are the comma, the semicolon, the tab and the bar.  A line that begins with # is a
    comment if it stands above the header, or has another number of cells.

    Parameters
    ----------
    path : of the file
    shown : how messages name it

    Raises
    ------
    TableError
        The file cannot be read, is no text, a quote in it is never closed, or a row has more or
        fewer cells than the header.
    """
    text, encoding = _decode(_bytes(path, shown), shown)
    separator = _separator_of(text, shown)
    records = [r for r in _records(text, separator, shown) if not r.blank]
    if records and _NAMED.fullmatch(records[0].text):
        records = records[1:]
    while records and records[0].text.startswith(COMMENT):
        records = records[1:]
    if not records:
        raise TableError(f"{shown}: the file is empty")
    header, word = records[0].cells, SEPARATORS[separator]
    rows, lines, comments = [], [], 0
    for record in records[1:]:
        if len(record.cells) == len(header):
            rows.append(record.cells)
            lines.append(record.line)
        elif record.text.startswith(COMMENT):
            comments += 1
        else:
            raise TableError(
                f"{shown}, line {record.line}: {len(record.cells)} cells, but the header has "
                f"{len(header)} (separator: {word}; a cell that holds one needs quotes)"
            )
    return Cells(header, records[0].line, rows, lines, word, encoding, comments)


def _bytes(path, shown) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TableError(f"{shown}: no such file") from None
    except OSError as error:
        raise TableError(f"{shown}: cannot be read as a CSV file: {error.strerror}") from None


def _decode(content, shown) -> tuple[str, str]:
    """The text of a file, and the word for its encoding.

    What is not UTF-8 is taken for Windows-1252, of which Latin-1 is a part: in this encoding
    spreadsheets of Western Europe and America write.
    """
    marked = [code for mark, code in BYTE_ORDER_MARKS.items() if content.startswith(mark)]
    code = marked[0] if marked else "utf-8"
    if not marked and b"\0" in content:
        raise TableError(f"{shown}: cannot be read as a CSV file: it is no text; save it as CSV")
    try:
        return content.decode(code), ENCODINGS[code]
    except UnicodeDecodeError as error:
        bad = error
    if not marked:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError as error:
            bad = error
        else:
            rest = content.decode("utf-8", errors="replace")
            if rest.replace("\N{REPLACEMENT CHARACTER}", "").isascii():
                return text, "Windows-1252"
    line = len(re.findall(rb"\r\n|\r|\n", content[: bad.start])) + 1
    raise TableError(
        f"{shown}, line {line}: cannot be read as a CSV file: byte 0x{content[bad.start]:02x} "
        "belongs to no encoding that the rest is in; save it as UTF-8"
    )


@dataclass(frozen=True)
class _Record:
    line: int  # in which it begins
    text: str
    cells: list[str]

    @property
    def blank(self) -> bool:
        return not any(self.cells)


def _records(text, separator, shown) -> Iterator[_Record]:
    """The records of a text, quoted line breaks and blank lines counted."""
    lines, taken = list(io.StringIO(text, newline="")), []

    def feed():
        for line in lines:
            taken.append(line)
            yield line

    reader = csv.reader(feed(), delimiter=separator, skipinitialspace=True)
    while True:
        taken.clear()
        start = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise TableError(
                f"{shown}, line {start}: cannot be read as a CSV file: {error}"
            ) from None
        record = "".join(taken)
        if len(taken) > 1 and reader.line_num == len(lines) and record.count('"') % 2:
            raise TableError(f"{shown}, line {start}: a quote is opened here and never closed")
        yield _Record(start, record, cells)


def _separator_of(text, shown) -> str:
    """The separator that a file names itself, or the one that fits header and rows best."""
    if named := _NAMED.match(text):
        return named.group(1)

    def fit(separator):
        widths = []
        with contextlib.suppress(TableError):  # whoever reads the whole file will say it
            for record in islice(_records(text, separator, shown), SAMPLE):
                if not record.blank and not record.text.startswith(COMMENT):
                    widths.append(len(record.cells))
        if not widths:
            return False, 0.0, 0
        same = sum(width == widths[0] for width in widths) / len(widths)
        return widths[0] > 1, same, widths[0]

    return max(SEPARATORS, key=fit)
