"""A table in three formats: CSV for programs, Markdown for readers, LaTeX for papers.

The CSV is written by pandas.  The other two hold texts such as ``0.028 ± 0.008 (10/10)`` in several
blocks with notes; tabulate and pandas' Styler escape neither these signs nor set notes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from benchmark.storage import write_text

DASH = "–"
#: characters of a line of a table that can still be taken in; wider ones are turned or cut
WIDEST = 150
_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≈": r"$\approx$",
    "–": "--",
    "✓": r"$\checkmark$",
    "▲": r"$\blacktriangle$",
    "▼": r"$\blacktriangledown$",
    "β": r"$\beta$",
}


def escape_latex(text: str) -> str:
    """Text as LaTeX shows it."""
    return "".join(_LATEX.get(character, character) for character in text)


def escape_markdown(text: str) -> str:
    """Text for a cell of a Markdown table."""
    return text.replace("|", r"\|").replace("*", r"\*")


@dataclass(frozen=True)
class Block:
    """One grid of text cells.

    ``rows`` has as many cells per row as ``header``; the first column names the row.

    Attributes
    ----------
    columns_are : str, optional
        What the columns are, where rows and columns may change places: a grid that is too wide is
        then turned, and this names the first column.
    below : tuple of int
        Rows that belong to the row above them, and are not to be parted from it.
    """

    title: str
    header: list[str]
    rows: list[list[str]]
    columns_are: str = ""
    below: tuple[int, ...] = ()

    def width(self) -> int:
        """Characters of a line of the Markdown."""
        return len(self.markdown().partition("\n")[0])

    def pieces(self) -> list[Block]:
        """Grids that can be read: itself, or itself turned, or several beside one another.

        Twenty methods are too many for columns: they become the rows, and a reader compares them
        down a column.  What is still too wide is cut.
        """
        if self.width() <= WIDEST:
            return [self]
        whole, joined = self, ()
        if self.columns_are:
            header = [self.columns_are, *(row[0] for row in self.rows)]
            columns = zip(*(row[1:] for row in self.rows), strict=True)
            rows = [[name, *c] for name, c in zip(self.header[1:], columns, strict=True)]
            whole, joined = Block(self.title, header, rows), tuple(i + 1 for i in self.below)
        return whole._cut(joined)

    def _cut(self, joined) -> list[Block]:
        """Pieces of at most WIDEST characters; columns ``joined`` stay with the one before."""
        last = len(self.header)
        starts = [i for i in range(1, last) if i not in joined]
        parts, begin = [], 1
        for start, end in zip(starts, [*starts[1:], last], strict=True):
            if start > begin and self._columns(begin, end).width() > WIDEST:
                parts.append((begin, start))
                begin = start
        parts.append((begin, last))
        return [self._columns(*part) for part in parts]

    def _columns(self, start, end) -> Block:
        """The first column and some of the others."""
        rows = [[row[0], *row[start:end]] for row in self.rows]
        return Block(self.title, [self.header[0], *self.header[start:end]], rows)

    def markdown(self) -> str:
        """A pipe table whose columns are aligned in the source too, for reading in a terminal."""
        rows = [[escape_markdown(cell) for cell in row] for row in (self.header, *self.rows)]
        widths = [max(3, *(len(row[i]) for row in rows)) for i in range(len(self.header))]

        def line(cells):
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            return f"| {' | '.join(padded)} |"

        rule = f"| {' | '.join('-' * width for width in widths)} |"
        return "\n".join([line(rows[0]), rule, *map(line, rows[1:])])

    def latex(self, label: str, notes: list[str]) -> str:
        """A ``table`` environment with booktabs rules."""

        def line(cells):
            return "  " + " & ".join(map(escape_latex, cells)) + r" \\"

        return "\n".join(
            [
                r"\begin{table}[htbp]",
                r"\centering",
                rf"\caption{{{escape_latex(self.title)}}}",
                rf"\label{{tab:{label}}}",
                r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
                rf"\begin{{tabular}}{{l{'c' * (len(self.header) - 1)}}}",
                r"\toprule",
                line(self.header),
                r"\midrule",
                *map(line, self.rows),
                r"\bottomrule",
                r"\end{tabular}}",
                *(rf"\par\smallskip\footnotesize {escape_latex(note)}" for note in notes),
                r"\end{table}",
            ]
        )


@dataclass(frozen=True)
class Table:
    """A table of a run.

    Attributes
    ----------
    name, title : str
    tidy : DataFrame
        One row per cell with all its numbers.
    blocks : list of Block
        What a reader sees; empty if the run has nothing for this table.
    notes : list of str
        How to read the cells; failures and implementations.
    nothing : str
        What a reader sees instead if there are no blocks.
    """

    name: str
    title: str
    tidy: pd.DataFrame
    blocks: list[Block]
    notes: list[str] = field(default_factory=list)
    nothing: str = "No data set or method of this run belongs in this table."

    def csv(self) -> str:
        """``tidy`` with ten significant digits, as the numbers of figures."""
        return self.tidy.to_csv(index=False, lineterminator="\n", float_format="%.10g")

    def body(self) -> str:
        """The grids and notes in Markdown, without a heading."""
        if not self.blocks:
            return f"{self.nothing}\n"
        parts = []
        for block in self.blocks:
            if len(self.blocks) > 1:
                parts.append(f"*{escape_markdown(block.title)}*")
            parts += [piece.markdown() for piece in block.pieces()]
        parts.append("\n".join(f"* {escape_markdown(note)}" for note in self.notes))
        return "\n\n".join(part for part in parts if part) + "\n"

    def markdown(self) -> str:
        return f"**{escape_markdown(self.title)}**\n\n{self.body()}"

    def latex(self) -> str:
        head = "% needs \\usepackage{booktabs,amssymb,graphicx}\n"
        if not self.blocks:
            return head + f"% {self.nothing}\n"
        name = self.name.replace("_", "-")
        pieces = [piece for block in self.blocks for piece in block.pieces()]
        last = len(pieces) - 1
        environments = [
            piece.latex(f"{name}-{i + 1}" if last else name, self.notes if i == last else [])
            for i, piece in enumerate(pieces)
        ]
        return head + "\n\n".join(environments) + "\n"

    def write(self, *paths):
        """Write each format by its suffix, .csv, .md or .tex, atomically."""
        texts = {".csv": self.csv, ".md": self.markdown, ".tex": self.latex}
        for path in paths:
            write_text(path, texts[Path(path).suffix]())
