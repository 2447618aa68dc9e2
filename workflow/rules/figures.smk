# Figures: the counterparts of the paper's, each as PDF and PNG, and the numbers drawn as CSV.
from benchmark.figures import FIGURES


rule figure:
    input:
        tables=rules.collect.output,
        published=sorted(str(p) for p in Path("data/published").glob("*.csv")),
        code=package("benchmark/figures") + package("benchmark/evaluation"),
        shared=modules("tables/cells.py", "metrics/metric.py"),
    output:
        multiext("figures/<run>/{figure}", ".pdf", ".png", ".csv"),
    log:
        "logs/<run>/figures/{figure}.log",
    wildcard_constraints:
        figure="|".join(FIGURES),
    conda:
        "../../environment.yml"
    params:
        metrics=config["metrics"],
    message:
        "figure {wildcards.figure}"
    script:
        "../scripts/figure.py"
