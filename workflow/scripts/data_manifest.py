"""List the sha256 sum of every split (rule ``data_manifest``)."""

from benchmark.messages import plain_errors
from benchmark.storage import sha256_file, write_text

job = snakemake  # noqa: F821 (given by Snakemake)
with plain_errors(job.log[0]):
    lines = ["path,sha256", *(f"{path},{sha256_file(path)}" for path in job.input)]
    write_text(job.output[0], "\n".join(lines) + "\n")
