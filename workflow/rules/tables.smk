# Tables: each as CSV, Markdown and LaTeX.
TABLES = [
    "regression",
    "classification",
    "real",
    "coefficients",
    "first_layer",
    "runtime",
    "differences",
    "ranks",
]


rule table:
    input:
        records=rules.collect.output,
        published=sorted(str(p) for p in Path("data/published").glob("*.csv")),
        code=package("benchmark/tables")
        + package("benchmark/statistics")
        + modules("evaluation/published.py", "evaluation/verdict.py", "metrics.py"),
    output:
        multiext("results/<run>/tables/{table}", ".csv", ".md", ".tex"),
    wildcard_constraints:
        table="|".join(TABLES),
    log:
        "logs/<run>/tables/{table}.log",
    conda:
        "../../environment.yml"
    message:
        "table {wildcards.table}"
    script:
        "../scripts/table.py"
