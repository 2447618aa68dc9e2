"""Fail, with a list, if any fit of the run failed (rule ``complete``)."""

import sys

from benchmark.evaluation.results import Results
from benchmark.messages import plain_errors
from benchmark.report import failures, skipped
from benchmark.storage import write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    results = Results(job.config)
    failed, n = failures(results), len(results.fits)
    if failed:
        lines = "\n  ".join(failed)
        text = f"{len(failed)} of {n} fits failed:\n  {lines}"
        write_text(job.log[0], f"{text}\n")
        sys.exit(text)
    left_out = "".join(f"; {line}" for line in skipped(results))
    write_text(job.output[0], f"all {n} fits of run {results.run} succeeded{left_out}\n")
