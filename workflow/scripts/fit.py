"""Fit one method on all splits of one data set (rule ``fit`` and its namesakes)."""

import baselines
from benchmark import manifest
from benchmark.fitting import processes
from benchmark.fitting.driver import Fits
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors():
    config = job.config
    named = {baselines.file_id(name): name for name in config["methods"]}
    method = named[job.rule + job.wildcards.setting]
    fits = Fits(config, job.wildcards.dataset, method, job.log[0])
    fits.again = processes.comes_again(job.resources.get("attempt", 1))
    manifest.write(job.output[0], fits.run(range(job.params.splits)))
