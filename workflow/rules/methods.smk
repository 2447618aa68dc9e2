# One named rule per method of the config. To add a method: its file in baselines/, its name in the config
# (CONTRIBUTING.md walks through it).


# What turns an outcome into a record: a change of it writes the records anew, and fits nothing.
JUDGE_FILES = [f"benchmark/fitting/{name}.py" for name in ("driver", "judge", "plan", "records")]


# The pattern of all methods' rules; never run under its own name. What a name sets in brackets is the wildcard
# "setting": nimo[input_noise=0] is run by the rule nimo, as nimo-input_noise=0.
rule fit:
    output:
        "results/<run>/records/{dataset}/<method>{setting}/manifest.json",
    log:
        "logs/<run>/{dataset}/<method>{setting}.log",
    pathvars:
        method="fit",
    wildcard_constraints:
        setting=r"(?:-[^/]+)?",
    priority: lambda wildcards, rulename: COSTS.priority(wildcards.dataset, rulename)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        runtime=lambda wildcards, attempt, rulename: COSTS.runtime(rulename, attempt),
        mem_mb=lambda wildcards, attempt, rulename: COSTS.memory(rulename, attempt),
        attempt=lambda wildcards, attempt: attempt,
    params:
        splits=config["splits"],
        seed=config["seed"],
        refit=config["refit"],
        reduced=config["reduced"],
        tuning=config["tuning"],
        protocol=config["protocol"],
        limits=config["limits"],
        judge=key.sha256_code(JUDGE_FILES),
    message:
        "{rule}{wildcards.setting} on {wildcards.dataset}, all splits"
    script:
        "../scripts/fit.py"


# What the run has found out about the methods that may run in more than one way.
ANSWERS = [implementation.path_of(RUN, module) for module in CHOICES]


rule implementation:
    output:
        "results/<run>/implementation/{module}.json",
    log:
        "logs/<run>/implementation/{module}.log",
    conda:
        "../../environment.yml"
    params:
        choice=lambda wildcards: CHOICES[wildcards.module],
        setup=lambda wildcards: implementation.setup(wildcards.module),
    message:
        "which implementation {wildcards.module} can have here"
    script:
        "../scripts/implementation.py"
