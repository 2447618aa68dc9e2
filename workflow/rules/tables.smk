# Tables: each as CSV, Markdown and LaTeX.  One job makes all, since starting it costs most.
from benchmark.tables import TABLES


rule tables:
    input:
        tables=rules.collect.output,
        published=sorted(str(p) for p in Path("data/published").glob("*.csv")),
        reference=sorted(str(p) for p in Path("data/reference").rglob("*.csv")),
        code=package("benchmark/tables")
        + package("benchmark/evaluation")
        + modules("metrics/metric.py"),
    output:
        [
            f"results/<run>/tables/{table}.{kind}"
            for table in TABLES
            for kind in ("csv", "md", "tex")
        ],
    log:
        "logs/<run>/tables.log",
    conda:
        "../../environment.yml"
    params:
        metrics=config["metrics"],
    message:
        "the tables"
    script:
        "../scripts/tables.py"
