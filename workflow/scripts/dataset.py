"""Make all splits of one data set (rule ``dataset``)."""

from benchmark.datasets import splits
from benchmark.messages import plain_errors
from benchmark.split_counts import splits_of

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    config = job.config
    name = job.wildcards.dataset
    indices = range(splits_of(config, name))
    splits.write_all((splits.make(name, index, config) for index in indices), config)
