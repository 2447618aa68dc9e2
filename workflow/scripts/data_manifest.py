"""List every split: sha256, size, and what was done to make it (rule ``data_manifest``)."""

from benchmark.config import dataset_tasks
from benchmark.datasets import splits
from benchmark.messages import plain_errors
from benchmark.split_counts import splits_of
from benchmark.storage import write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    config = job.config
    paths = [
        splits.path_of(config["run"], dataset, index)
        for dataset in dataset_tasks(config)
        for index in range(splits_of(config, dataset))
    ]
    write_text(job.output[0], splits.table(paths).to_csv(index=False))
