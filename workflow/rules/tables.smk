# Tables: each as CSV, Markdown and LaTeX.
from benchmark.tables import TABLES


rule table:
    input:
        tables=rules.collect.output,
        published=sorted(str(p) for p in Path("data/published").glob("*.csv")),
        reference=sorted(str(p) for p in Path("data/reference").glob("*/*.csv")),
        code=package("benchmark/tables")
        + package("benchmark/evaluation")
        + modules("metrics/metric.py"),
    output:
        multiext("results/<run>/tables/{table}", ".csv", ".md", ".tex"),
    log:
        "logs/<run>/tables/{table}.log",
    wildcard_constraints:
        table="|".join(TABLES),
    conda:
        "../../environment.yml"
    params:
        metrics=config["metrics"],
    message:
        "table {wildcards.table}"
    script:
        "../scripts/table.py"
