"""Write all tables as CSV, Markdown and LaTeX (rule ``tables``)."""

from pathlib import Path

from benchmark.evaluation.results import Results
from benchmark.messages import plain_errors
from benchmark.tables import TABLES, make

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    results = Results(job.config)
    for name in TABLES:
        make(name, results).write(*(path for path in job.output if Path(path).stem == name))
