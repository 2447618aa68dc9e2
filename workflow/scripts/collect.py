"""Gather all records into one tidy table (rule ``collect``)."""

from benchmark.collect import read_all, tidy
from benchmark.config import validate
from benchmark.storage import write_text

job = snakemake  # noqa: F821 (given by Snakemake)
table = tidy(read_all(validate(dict(job.config))))
write_text(job.output[0], table.to_csv(index=False))
