"""Make the results page of a folder, or of two runs beside each other.

``python -m tools.results_page docs/results`` builds ``index.html`` from what a snapshot holds.  It
embeds its scripts, 5.8 MB, so a checkout holds none (``make page`` builds those of the published
runs).
``python -m tools.results_page --compare HERE THERE --to OUT`` takes two pages (the runs' own
``index.html``) and writes the first with the second compared to it, as if its file had been chosen
in the browser.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from benchmark import storage
from benchmark.config import validate
from benchmark.page.contents import contents
from benchmark.page.document import document, read_contents


def contents_of(folder) -> dict:
    """The data of the page of a folder such as docs/results.

    Raises
    ------
    benchmark.config.ConfigError, benchmark.storage.DamagedFile, OSError
        Its configuration or a table cannot be used.
    """
    folder = Path(folder)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    # nothing is fitted: what cannot be had here has its place all the same
    config = validate(config | {"missing_packages": "skip", "missing_data": "refuse"})
    return contents(folder, config)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", nargs="?", type=Path, help="a snapshot; its page is built there")
    what.add_argument("--compare", nargs=2, metavar=("HERE", "THERE"), type=Path)
    parser.add_argument("--to", type=Path, help="where to write the comparison")
    options = parser.parse_args(arguments)
    if options.compare and not options.to:
        parser.error("--compare needs --to")
    try:
        if options.compare:
            target, text = options.to, document(*map(read_contents, options.compare))
        else:
            target, text = options.folder / "index.html", document(contents_of(options.folder))
        storage.write_text(target, text)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    print(f"{target}: {len(text.encode()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
