"""Further published tables, one row each for a person or a loan."""

from __future__ import annotations

from benchmark.datasets.real_table import rdata
from benchmark.datasets.tables_of_groups import NAMES

_WOOLDRIDGE = "Wooldridge, Introductory Econometrics; R package wooldridge"
_DERIVED = "computed from other columns"
_LATER = "known only after the loan was made"

REGRESSION = (
    rdata(
        "college_distance",
        "regression",
        "real",
        "Rouse, Journal of Business and Economic Statistics 1995; R package AER",
        "AER",
        "CollegeDistance",
        target="education",
        care="The target is a number of years, 12 to 18. It has a column of ethnicity.",
    ),
    rdata(
        "card",
        "regression",
        "real",
        f"Card, 1995; {_WOOLDRIDGE}",
        "wooldridge",
        "card",
        target="wage",
        log=True,
        drop={
            "id": NAMES,
            "lwage": "the target",
            "weight": "a weight of the survey",
            "exper": _DERIVED,
            "expersq": _DERIVED,
        },
        categorical=("married",),
        care="It has a column of race.",
    ),
    rdata(
        "gpa",
        "regression",
        "real",
        _WOOLDRIDGE,
        "wooldridge",
        "gpa2",
        target="colgpa",
        drop={"hsizesq": _DERIVED},
    ),
    rdata(
        "two_year",
        "regression",
        "real",
        f"Kane and Rouse, American Economic Review 1995; {_WOOLDRIDGE}",
        "wooldridge",
        "twoyear",
        target="lwage",
        drop={"id": NAMES, "totcoll": _DERIVED},
        care="It has columns of race.",
    ),
    rdata(
        "stackoverflow",
        "regression",
        "real",
        "Stack Overflow, developer survey 2017; R package modeldata",
        "modeldata",
        "stackoverflow",
        target="Salary",
        log=True,
    ),
    rdata(
        "births",
        "regression",
        "real",
        "OpenIntro Statistics, births in the United States 2014; R package openintro",
        "openintro",
        "births14",
        target="weight",
        drop={
            "lowbirthweight": "computed from the target",
            "premie": _DERIVED,
            "mature": _DERIVED,
        },
    ),
    rdata(
        "loans",
        "regression",
        "real",
        "Lending Club, 2018; R package openintro",
        "openintro",
        "loans_full_schema",
        target="interest_rate",
        drop={
            "grade": "the target in seven steps",
            "sub_grade": "the target in thirty-two steps",
            "installment": "computed from the target",
            "emp_title": "differs from row to row",
            "num_accounts_120d_past_due": "constant",
            **{
                name: _LATER
                for name in (
                    "loan_status",
                    "balance",
                    "paid_total",
                    "paid_principal",
                    "paid_interest",
                    "paid_late_fees",
                    "disbursement_method",
                    "initial_listing_status",
                )
            },
        },
        rare_share=0.05,
    ),
)

CLASSIFICATION = (
    rdata(
        "default",
        "classification",
        "control",
        "James et al., An Introduction to Statistical Learning; R package ISLR",
        "ISLR",
        "Default",
        target="default",
        positive="Yes",
        care="Simulated for teaching; a straight line is right.",
    ),
    rdata(
        "benefits",
        "classification",
        "real",
        "McCall, Journal of Business and Economic Statistics 1995; R package Ecdat",
        "Ecdat",
        "Benefits",
        target="ui",
        positive="yes",
        drop={"bluecol": "constant", "state": "a code of 51 states"},
    ),
    rdata(
        "recid",
        "classification",
        "real",
        f"Chung, Schmidt and Witte, Journal of Quantitative Criminology 1991; {_WOOLDRIDGE}",
        "wooldridge",
        "recid",
        target="cens",
        positive="0",
        drop={
            "durat": "says when the target came about",
            "ldurat": "says when the target came about",
            "follow": "how long the target was waited for",
        },
        care="Whether somebody returned to prison. It has a column of race.",
    ),
    rdata(
        "alcohol",
        "classification",
        "real",
        f"Terza, Journal of Applied Econometrics 2002; {_WOOLDRIDGE}",
        "wooldridge",
        "alcohol",
        target="abuse",
        positive="1",
        drop={
            name: _DERIVED
            for name in (
                "agesq",
                "beertaxsq",
                "cigtaxsq",
                "ethanolsq",
                "educsq",
                "inwf",
                "employ",
            )
        },
        categorical=("status",),
    ),
    rdata(
        "catholic",
        "classification",
        "real",
        f"Altonji, Elder and Taber, Journal of Human Resources 2005; {_WOOLDRIDGE}",
        "wooldridge",
        "catholic",
        target="hsgrad",
        positive="0.0",
        drop={"id": NAMES},
        care="Who left high school without a degree.",
    ),
    rdata(
        "lending_club",
        "classification",
        "real",
        "Lending Club, via Kuhn; R package modeldata",
        "modeldata",
        "lending_club",
        target="Class",
        positive="bad",
        drop={"sub_grade": "int_rate says nearly the same"},
        rare_share=0.05,
    ),
    rdata(
        "pension",
        "classification",
        "real",
        f"Abadie, Journal of Econometrics 2003; {_WOOLDRIDGE}",
        "wooldridge",
        "k401ksubs",
        target="e401k",
        positive="1",
        drop={
            "p401k": "only who has the target can have it",
            "incsq": _DERIVED,
            "agesq": _DERIVED,
        },
    ),
)

DATASETS = (*REGRESSION, *CLASSIFICATION)
