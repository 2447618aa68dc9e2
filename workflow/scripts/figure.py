"""Draw one figure as PDF and PNG (rule ``figure``)."""

from benchmark.config import validate
from benchmark.figures import draw
from benchmark.results import Results

job = snakemake  # noqa: F821 (given by Snakemake)
draw(job.wildcards.figure, Results(validate(dict(job.config))), job.output)
