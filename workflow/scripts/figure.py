"""Draw one figure as PDF and PNG (rule ``figure``)."""

from benchmark.config import validate
from benchmark.figures import draw
from benchmark.messages import plain_errors
from benchmark.results import Results

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    draw(job.wildcards.figure, Results(validate(dict(job.config))), job.output)
