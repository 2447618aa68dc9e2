# One short named rule per method. To add one: its file in baselines/, a rule like these, its name in
# the config (CONTRIBUTING.md walks through it).


# The pattern of all methods' rules; never run under its own name.
rule fit:
    pathvars:
        method="fit",
    output:
        records=expand("results/<run>/records/{{dataset}}/<method>/split{split}.json", split=SPLITS),
        arrays=expand("results/<run>/records/{{dataset}}/<method>/split{split}.npz", split=SPLITS),
    log:
        "logs/<run>/{dataset}/<method>.log",
    params:
        splits=config["splits"],
        seed=config["seed"],
        reduced=config["reduced"],
        limits=config["limits"],
        versions=provenance.base_versions(),
    threads: 1
    conda:
        "../../environment.yml"
    message:
        "{rule} on {wildcards.dataset}, all splits"
    script:
        "../scripts/fit.py"


rule backend:
    output:
        "results/<run>/backend.json",
    log:
        "logs/<run>/backend.log",
    params:
        backend=config["backend"],
    conda:
        "../../environment.yml"
    message:
        "which backend the Contextual Lasso can have here"
    shell:
        "python -m contextual_lasso.resolve --backend {params.backend} --output {output} 2> {log}"


BACKEND = f"results/{RUN}/backend.json"


use rule fit as lasso with:
    input: **needs("lasso")
    pathvars: method="lasso"


use rule fit as logistic with:
    input: **needs("logistic")
    pathvars: method="logistic"


use rule fit as mlp with:
    input: **needs("mlp")
    pathvars: method="mlp"


use rule fit as mlp_tuned with:
    input: **needs("mlp_tuned")
    pathvars: method="mlp_tuned"


use rule fit as lassonet with:
    input: **needs("lassonet")
    pathvars: method="lassonet"


use rule fit as imn with:
    input: **needs("imn")
    pathvars: method="imn"


use rule fit as lfr_imn with:
    input: **needs("lfr_imn")
    pathvars: method="lfr_imn"


use rule fit as localglmnet with:
    input: **needs("localglmnet")
    pathvars: method="localglmnet"


use rule fit as nam with:
    input: **needs("nam")
    pathvars: method="nam"


use rule fit as monotone_difference with:
    input: **needs("monotone_difference")
    pathvars: method="monotone_difference"


use rule fit as contextual_lasso with:
    input: **needs("contextual_lasso", backend=BACKEND)
    pathvars: method="contextual_lasso"


use rule fit as contextual_lasso_sparse with:
    input: **needs("contextual_lasso_sparse", backend=BACKEND)
    pathvars: method="contextual_lasso_sparse"


use rule fit as nimo with:
    input: **needs("nimo")
    pathvars: method="nimo"


use rule fit as nimo_relaxed with:
    input: **needs("nimo_relaxed")
    pathvars: method="nimo_relaxed"


use rule fit as nimo_no_correction with:
    input: **needs("nimo_no_correction")
    pathvars: method="nimo_no_correction"


use rule fit as nimo_sees_self with:
    input: **needs("nimo_sees_self")
    pathvars: method="nimo_sees_self"


use rule fit as nimo_no_zero_point with:
    input: **needs("nimo_no_zero_point")
    pathvars: method="nimo_no_zero_point"


use rule fit as nimo_no_group_penalty with:
    input: **needs("nimo_no_group_penalty")
    pathvars: method="nimo_no_group_penalty"


use rule fit as nimo_no_noise with:
    input: **needs("nimo_no_noise")
    pathvars: method="nimo_no_noise"


use rule fit as nimo_no_sparsity with:
    input: **needs("nimo_no_sparsity")
    pathvars: method="nimo_no_sparsity"
