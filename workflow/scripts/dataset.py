"""Make all splits of one data set (rule ``dataset``)."""

from benchmark import manifest
from benchmark.config import validate
from benchmark.datasets import splits
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    config = validate(dict(job.config))
    name, made = job.wildcards.dataset, ([], [])
    for index in range(config["splits"]):
        paths = [of(config["run"], name, index) for of in (splits.path_of, splits.truth_path_of)]
        splits.write(splits.make(name, index, config), *paths)
        for files, path in zip(made, paths, strict=True):
            files.append(path)
    manifest.write(job.output.splits, made[0])
    manifest.write(job.output.truths, made[1])
