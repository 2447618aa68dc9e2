"""Gather all records into the tables of fits and of scores (rule ``collect``)."""

from benchmark.evaluation.collect import gather
from benchmark.messages import plain_errors
from benchmark.storage import sha256_file, write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    tables = gather(job.config)
    paths = job.output.fits, job.output.scores
    for table, path, sha256 in zip(tables, paths, job.output.sha256, strict=True):
        write_text(path, table.to_csv(index=False))
        write_text(sha256, sha256_file(path) + "\n")
