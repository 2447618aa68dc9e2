# Data sets and their splits.


def source_of(wildcards):
    """The user's CSV file, for a data set that comes from one."""
    spec = config["csv"].get(wildcards.dataset)
    return [spec["path"]] if spec else []


rule dataset:
    input:
        source=source_of,
        code=modules("splits.py", "synthetic.py", "real.py", "tabular.py", "seeds.py", "storage.py"),
    output:
        expand("data/<run>/{{dataset}}/split{split}.npz", split=SPLITS),
    params:
        seed=config["seed"],
        rows=config["rows"],
        csv=lambda wildcards: config["csv"].get(wildcards.dataset),
    conda:
        "../../environment.yml"
    message:
        "data set {wildcards.dataset}: all splits"
    script:
        "../scripts/dataset.py"


rule data_manifest:
    input:
        [path for dataset in TASKS for path in split_files(dataset)],
    output:
        "data/<run>/manifest.csv",
    conda:
        "../../environment.yml"
    message:
        "sha256 sums of all splits"
    script:
        "../scripts/data_manifest.py"
