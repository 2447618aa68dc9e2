"""Write the table of measured costs that the order of jobs and their resources rest on.

``python -m tools.costs [docs/results/fits.csv]`` writes ``workflow/costs.csv``.  ``tools.snapshot``
does it for the published grid.
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


def write(fits: Path) -> int:
    """Write the table from a table of fits, and return the number of its rows."""
    with open(fits, newline="") as file:
        rows = cost.measured(csv.DictReader(file))
    storage.write_text(cost.TABLE, text(rows))
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
