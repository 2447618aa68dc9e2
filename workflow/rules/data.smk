# Data sets and their splits.


rule dataset:
    input:
        source=source_of,
        code=package("benchmark/datasets") + modules("seeds.py", "storage.py"),
    output:
        splits=expand("data/<run>/{{dataset}}/split{split}.npz", split=SPLITS),
        truths=expand("data/<run>/{{dataset}}/truth{split}.npz", split=SPLITS),
    log:
        "logs/<run>/data/{dataset}.log",
    conda:
        "../../environment.yml"
    params:
        seed=config["seed"],
        rows=config["rows"],
        csv=lambda wildcards: config["csv"].get(wildcards.dataset),
    message:
        "data set {wildcards.dataset}: all splits"
    script:
        "../scripts/dataset.py"


rule data_manifest:
    input:
        [path for dataset in TASKS for path in split_files(dataset)],
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
