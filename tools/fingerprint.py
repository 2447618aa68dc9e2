"""List the comparable outputs of a run with their sha256 sums.

``python -m tools.fingerprint RUN``

Two runs of the same thing print the same lines (:mod:`benchmark.fingerprint` says what is
compared).
"""

from __future__ import annotations

import argparse
import sys

from benchmark.fingerprint import fingerprint
from benchmark.storage import DamagedFile, sha256_of


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    run = parser.parse_args(arguments).run
    try:
        found = fingerprint(run)
    except (DamagedFile, OSError) as error:
        sys.exit(f"error: {error}")
    if not found:
        sys.exit(f"error: there is no run {run}")
    for name, sha256 in found.items():
        print(f"{sha256}  {name}")
    print(f"{sha256_of(found)}  all of run's {len(found)} outputs")


if __name__ == "__main__":
    main()
