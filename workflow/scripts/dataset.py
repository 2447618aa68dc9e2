"""Make all splits of one data set (rule ``dataset``)."""

from benchmark.config import validate
from benchmark.datasets import splits
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    config = validate(dict(job.config))
    for index, paths in enumerate(zip(job.output.splits, job.output.truths, strict=True)):
        splits.write(splits.make(job.wildcards.dataset, index, config), *paths)
