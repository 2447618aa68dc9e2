"""The numbers behind a figure, as a table that can be read and compared."""

from __future__ import annotations

import csv
import io

COLUMNS = ("panel", "method", "item", "quantity", "value")


class Plotted:
    """Rows of what a figure shows: panel, method (or ``truth``), item, quantity, value."""

    def __init__(self):
        self.rows = []

    def add(self, panel, method, item, quantity, value):
        """Note one number that is drawn."""
        self.rows.append((panel, method, item, quantity, float(value)))

    def text(self) -> str:
        """CSV, ten significant digits."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*row[:-1], f"{row[-1]:.10g}") for row in self.rows)
        return buffer.getvalue()
