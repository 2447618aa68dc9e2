"""Gather all records into one tidy table (rule ``collect``)."""

from benchmark.config import validate
from benchmark.evaluation.collect import read_all, tidy
from benchmark.messages import plain_errors
from benchmark.storage import sha256_file, write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    table = tidy(read_all(validate(dict(job.config))))
    write_text(job.output.table, table.to_csv(index=False))
    write_text(job.output.sha256, sha256_file(job.output.table) + "\n")
