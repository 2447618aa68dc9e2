"""Write the table of measured costs that the order of jobs and their resources rest on.

``python -m tools.costs [docs/results/fits.csv]`` takes the cells of a table of fits into
``workflow/costs.csv``; other cells stay.  ``tools.snapshot`` does it for the published grids, and
``measurements/costs.py cells`` measures those that no snapshot has.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

from benchmark import storage
from benchmark.fitting import cost


def text(rows) -> str:
    """The table of costs as CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(cost.COLUMNS)
    for row in rows:
        numbers = f"{row['seconds']:.3g}", f"{row['memory_mb']:.0f}"
        writer.writerow((row["dataset"], row["method"], *numbers))
    return buffer.getvalue()


def write(fits: Path, table: Path = cost.TABLE) -> int:
    """Take the cells of a table of fits into the table, and return the number of its rows."""
    with open(fits, newline="") as file:
        measured = cost.measured(csv.DictReader(file))
    rows = {(row["dataset"], row["method"]): row for row in [*cost.read(table), *measured]}
    storage.write_text(table, text(rows.values()))
    return len(rows)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fits", nargs="?", type=Path, default=Path("docs/results/fits.csv"))
    options = parser.parse_args(arguments)
    try:
        rows = write(options.fits)
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"error: {options.fits}: {error}")
    print(f"{cost.TABLE.relative_to(Path.cwd())}: {rows} cells")


if __name__ == "__main__":
    main()
