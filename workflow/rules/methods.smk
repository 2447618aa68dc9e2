# One short named rule per method. To add one: its file in baselines/, a rule like these, its name in
# the config (CONTRIBUTING.md walks through it).


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
        splits=lambda wildcards: splits_of(config, wildcards.dataset),
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


use rule fit as lasso with:
    input:
        **needs("lasso"),
    pathvars:
        method="lasso",


use rule fit as logistic with:
    input:
        **needs("logistic"),
    pathvars:
        method="logistic",


use rule fit as mlp with:
    input:
        **needs("mlp"),
    pathvars:
        method="mlp",


use rule fit as mlp_relu with:
    input:
        **needs("mlp_relu"),
    pathvars:
        method="mlp_relu",


use rule fit as mlp_tuned with:
    input:
        **needs("mlp_tuned"),
    pathvars:
        method="mlp_tuned",


use rule fit as lassonet with:
    input:
        **needs("lassonet"),
    pathvars:
        method="lassonet",


use rule fit as imn with:
    input:
        **needs("imn"),
    pathvars:
        method="imn",


use rule fit as lfr_imn with:
    input:
        **needs("lfr_imn"),
    pathvars:
        method="lfr_imn",


use rule fit as localglmnet with:
    input:
        **needs("localglmnet"),
    pathvars:
        method="localglmnet",


use rule fit as nam with:
    input:
        **needs("nam"),
    pathvars:
        method="nam",


use rule fit as monotone_difference with:
    input:
        **needs("monotone_difference"),
    pathvars:
        method="monotone_difference",


use rule fit as ebm with:
    input:
        **needs("ebm"),
    pathvars:
        method="ebm",


use rule fit as lasso_products with:
    input:
        **needs("lasso_products"),
    pathvars:
        method="lasso_products",


use rule fit as boosting with:
    input:
        **needs("boosting"),
    pathvars:
        method="boosting",


use rule fit as catboost with:
    input:
        **needs("catboost"),
    pathvars:
        method="catboost",


use rule fit as tabnet with:
    input:
        **needs("tabnet"),
    pathvars:
        method="tabnet",


use rule fit as realmlp with:
    input:
        **needs("realmlp"),
    pathvars:
        method="realmlp",


use rule fit as extra_trees with:
    input:
        **needs("extra_trees"),
    pathvars:
        method="extra_trees",


use rule fit as svm with:
    input:
        **needs("svm"),
    pathvars:
        method="svm",


use rule fit as contextual_lasso with:
    input:
        **needs("contextual_lasso"),
    pathvars:
        method="contextual_lasso",


use rule fit as contextual_lasso_sparse with:
    input:
        **needs("contextual_lasso_sparse"),
    pathvars:
        method="contextual_lasso_sparse",


use rule fit as nimo_paper with:
    input:
        **needs("nimo_paper"),
    pathvars:
        method="nimo_paper",


use rule fit as nimo with:
    input:
        **needs("nimo"),
    pathvars:
        method="nimo",


use rule fit as nimo_relaxed with:
    input:
        **needs("nimo_relaxed"),
    pathvars:
        method="nimo_relaxed",


use rule fit as nimo_plus with:
    input:
        **needs("nimo_plus"),
    pathvars:
        method="nimo_plus",


use rule fit as ebm_default with:
    input:
        **needs("ebm_default"),
    pathvars:
        method="ebm_default",


use rule fit as aplr with:
    input:
        **needs("aplr"),
    pathvars:
        method="aplr",


use rule fit as igann with:
    input:
        **needs("igann"),
    pathvars:
        method="igann",


use rule fit as pilot with:
    input:
        **needs("pilot"),
    pathvars:
        method="pilot",


use rule fit as xrfm with:
    input:
        **needs("xrfm"),
    pathvars:
        method="xrfm",


use rule fit as symbolic with:
    input:
        **needs("symbolic"),
    pathvars:
        method="symbolic",
