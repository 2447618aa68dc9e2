"""Make all splits of one data set (rule ``dataset``)."""

from benchmark.datasets import splits
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    config = job.config
    name, indices = job.wildcards.dataset, range(config["splits"])
    splits.write_all((splits.make(name, index, config) for index in indices), config)
