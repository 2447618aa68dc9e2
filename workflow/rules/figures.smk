# Figures: the counterparts of the paper's, each as PDF and PNG.
FIGURES = [
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
        code=package("benchmark/figures"),
    output:
        multiext("figures/<run>/{figure}", ".pdf", ".png"),
    wildcard_constraints:
        figure="|".join(FIGURES),
    conda:
        "../../environment.yml"
    message:
        "figure {wildcards.figure}"
    script:
        "../scripts/figure.py"
