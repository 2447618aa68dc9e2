"""List every split: sha256, size, and what was done to make it (rule ``data_manifest``)."""

from benchmark.datasets.splits import manifest
from benchmark.messages import plain_errors
from benchmark.storage import write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    write_text(job.output[0], manifest(job.input).to_csv(index=False))
