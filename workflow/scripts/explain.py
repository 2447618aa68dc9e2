"""Explain all stored fits of one method on one data set (rule ``explain``)."""

import baselines
from benchmark import manifest
from benchmark.explanations.explaining import Explanations
from benchmark.fitting import processes
from benchmark.messages import plain_errors
from benchmark.split_counts import splits_of

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors():
    config, cell = job.config, job.wildcards
    named = {baselines.file_id(name): name for name in config["methods"]}
    explanations = Explanations(config, cell.dataset, named[cell.explained], job.log[0])
    explanations.again = processes.comes_again(job.resources.get("attempt", 1))
    manifest.write(job.output[0], explanations.run(range(splits_of(config, cell.dataset))))
