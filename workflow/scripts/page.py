"""Keep the details of all fits, and make the results page (rule ``page``)."""

from pathlib import Path

from benchmark.evaluation.results import Results
from benchmark.messages import plain_errors
from benchmark.page import details
from benchmark.page.contents import contents
from benchmark.page.document import document
from benchmark.storage import write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    config = job.config
    details.write(job.output.details, details.gather(Results(config)))
    folder = Path(job.output.page).parent
    write_text(job.output.page, document(contents(folder, config, "../..")))
