"""Grade all explanations (rule ``grade``)."""

from benchmark.evaluation.grades import gather
from benchmark.messages import plain_errors
from benchmark.storage import write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    tables = gather(job.config)
    for table, path in zip(tables, job.output, strict=True):
        write_text(path, table.to_csv(index=False))
