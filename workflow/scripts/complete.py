"""Fail, with a list, if any fit of the run failed (rule ``complete``)."""

import sys

from benchmark.config import validate
from benchmark.report import failures
from benchmark.results import Results
from benchmark.storage import write_text

job = snakemake  # noqa: F821 (given by Snakemake)
results = Results(validate(dict(job.config)))
failed = failures(results.table)
if failed:
    lines = "\n  ".join(failed)
    print(f"{len(failed)} of {len(results.table)} fits failed:\n  {lines}", file=sys.stderr)
    sys.exit(1)
write_text(job.output[0], f"all {len(results.table)} fits of run {results.run} succeeded\n")
