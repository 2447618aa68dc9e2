"""Fit one method on all splits of one data set (rule ``fit`` and its namesakes)."""

from benchmark import manifest
from benchmark.config import validate
from benchmark.fitting import processes
from benchmark.fitting.driver import Fits
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors():
    fits = Fits(validate(dict(job.config)), job.wildcards.dataset, job.rule, job.log[0])
    fits.again = processes.comes_again(job.resources.get("attempt", 1))
    manifest.write(job.output[0], fits.run(range(job.params.splits)))
