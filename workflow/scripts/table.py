"""Write one table as CSV, Markdown and LaTeX (rule ``table``)."""

from benchmark.config import validate
from benchmark.evaluation.results import Results
from benchmark.messages import plain_errors
from benchmark.tables import make

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    make(job.wildcards.table, Results(validate(dict(job.config)))).write(*job.output)
