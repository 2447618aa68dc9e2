"""Make all splits of one data set (rule ``dataset``)."""

from benchmark import splits
from benchmark.config import validate

job = snakemake  # noqa: F821 (given by Snakemake)
config = validate(dict(job.config))
for index, path in enumerate(job.output):
    splits.write(splits.make(job.wildcards.dataset, index, config), path)
