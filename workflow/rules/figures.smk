# Figures: the counterparts of the paper's, each as PDF and PNG, and the numbers drawn as CSV.
FIGURES = [
    "benchmark_mse",
    "toy",
    "coefficients",
    "diabetes",
    "boston",
    "first_layer_regression",
    "first_layer_classification",
    "coefficients_classification",
    "critical_difference",
]


rule figure:
    input:
        records=rules.collect.output,
        published=sorted(str(p) for p in Path("data/published").glob("*.csv")),
        code=package("benchmark/figures") + package("benchmark/statistics"),
        shared=modules("evaluation/published.py", "tables/cells.py", "tables/coefficients.py"),
    output:
        multiext("figures/<run>/{figure}", ".pdf", ".png", ".csv"),
    wildcard_constraints:
        figure="|".join(FIGURES),
    log:
        "logs/<run>/figures/{figure}.log",
    conda:
        "../../environment.yml"
    message:
        "figure {wildcards.figure}"
    script:
        "../scripts/figure.py"
