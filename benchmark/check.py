"""Say in one line whether a configuration can be run: ``python -m benchmark.check FILE``.

Snakemake reads a file given with ``--configfile`` before any code of this project can, and speaks
about a missing or broken one in its own words; this says what and where.
"""

from __future__ import annotations

import sys

from benchmark import config as configuration
from benchmark import config_checks, datasets, method_rules
from benchmark.fitting import implementation
from benchmark.split_counts import splits_of


def main(path):
    """Check a file; exit code 0, or 2 and one line on stderr."""
    try:
        config = configuration.read(path)
        config_checks.methods_of_today(config)
        method_rules.check(config)
        config_checks.tables(config)
        implementation.check_kept(config)
    except (configuration.ConfigError, implementation.Changed) as error:
        print(f"configuration refused: {error}", file=sys.stderr)
        return 2
    fits = sum(splits_of(config, dataset) for dataset, _ in configuration.cells(config))
    print(f'{path}: run "{config["run"]}", {fits} fits')
    for name, why in datasets.left_out(config).items():
        print(f"left out: {name} {why}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmark.check FILE")
    sys.exit(main(sys.argv[1]))
