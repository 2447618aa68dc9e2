# Data sets and their splits.


rule dataset:
    input:
        source=source_of,
        code=package("benchmark/datasets")
        + modules("frames.py", "seeds.py", "storage.py", "manifest.py"),
    output:
        splits="data/<run>/{dataset}/splits.json",
        truths="data/<run>/{dataset}/truths.json",
    log:
        "logs/<run>/data/{dataset}.log",
    priority: 1_000_000_000  # before any fit: all of them wait for one
    conda:
        "../../environment.yml"
    params:
        seed=config["seed"],
        splits=lambda wildcards: splits_of(config, wildcards.dataset),
        rows=config["rows"],
        sample=config["sample"],
        csv=lambda wildcards: config["csv"].get(wildcards.dataset),
    message:
        "data set {wildcards.dataset}: all splits"
    script:
        "../scripts/dataset.py"


rule data_manifest:
    input:
        SPLIT_MANIFESTS,
    output:
        "data/<run>/manifest.csv",
    log:
        "logs/<run>/data_manifest.log",
    conda:
        "../../environment.yml"
    message:
        "sha256 sums of all splits, and what was done to make them"
    script:
        "../scripts/data_manifest.py"
