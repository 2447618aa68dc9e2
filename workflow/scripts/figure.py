"""Draw one figure as PDF and PNG (rule ``figure``)."""

from benchmark.config import validate
from benchmark.evaluation.results import Results
from benchmark.figures import draw
from benchmark.messages import plain_errors

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    draw(job.wildcards.figure, Results(validate(dict(job.config))), job.output)
