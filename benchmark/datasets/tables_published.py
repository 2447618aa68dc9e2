"""Published real tables, one declaration each.

docs/tables.md is made from them (``python -m tools.docs``).
"""

from __future__ import annotations

from benchmark.datasets import tables_of_groups, tables_of_people
from benchmark.datasets.real_table import RealTable, derived, rdata
from benchmark.datasets.sources import Loaded, OpenML

_CONDITION = ("Poor", "Fair", "Typical", "Good", "Excellent")
_FINISHED = ("No_Basement", "Unf", "LwQ", "Rec", "BLQ", "ALQ", "GLQ")
_SATISFACTION = ("Low", "Medium", "High", "Very_High")


def _breast_cancer():
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer(as_frame=True)
    frame = data.data.copy()
    frame["diagnosis"] = data.target.map(dict(enumerate(data.target_names)))
    return frame


REGRESSION = (
    rdata(
        "concrete",
        "regression",
        "real",
        "Yeh, Cement and Concrete Research 1998; R package modeldata",
        "modeldata",
        "concrete",
        target="compressive_strength",
        same=(
            "cement",
            "blast_furnace_slag",
            "fly_ash",
            "water",
            "superplasticizer",
            "coarse_aggregate",
            "fine_aggregate",
        ),
        care="A mixture was tested at several ages; all its rows stay together, so that a method "
        "has to predict mixtures that it has not seen.",
    ),
    rdata(
        "ames",
        "regression",
        "real",
        "De Cock, Journal of Statistics Education 2011; R package modeldata",
        "modeldata",
        "ames",
        target="Sale_Price",
        log=True,
        drop={"BsmtFin_SF_1": "holds the code of BsmtFin_Type_1 in place of an area"},
        categorical=("MS_SubClass",),
        ordered={
            "Lot_Shape": ("Irregular", "Moderately_Irregular", "Slightly_Irregular", "Regular"),
            "Land_Slope": ("Sev", "Mod", "Gtl"),
            "Overall_Cond": (
                "Very_Poor",
                "Poor",
                "Fair",
                "Below_Average",
                "Average",
                "Above_Average",
                "Good",
                "Very_Good",
                "Excellent",
            ),
            "Exter_Cond": _CONDITION,
            "Bsmt_Cond": ("No_Basement", *_CONDITION),
            "Bsmt_Exposure": ("No_Basement", "No", "Mn", "Av", "Gd"),
            "BsmtFin_Type_1": _FINISHED,
            "BsmtFin_Type_2": _FINISHED,
            "Heating_QC": _CONDITION,
            "Functional": ("Sal", "Sev", "Maj2", "Maj1", "Mod", "Min2", "Min1", "Typ"),
            "Garage_Finish": ("No_Garage", "Unf", "RFn", "Fin"),
            "Garage_Cond": ("No_Garage", *_CONDITION),
            "Paved_Drive": ("Dirt_Gravel", "Partial_Pavement", "Paved"),
        },
        absent={"Mas_Vnr_Type": "None", "Misc_Feature": "None"},
        rare_share=0.05,
        care="Forty categories. What fewer than 5 % of the training rows have gets no column; the "
        "missing values are the level None, which reading has lost.",
    ),
    rdata(
        "hitters",
        "regression",
        "real",
        "James et al., An Introduction to Statistical Learning; R package ISLR",
        "ISLR",
        "Hitters",
        target="Salary",
        log=True,
        care="Players without a salary are left out.",
    ),
    rdata(
        "college",
        "regression",
        "real",
        "James et al., An Introduction to Statistical Learning; R package ISLR",
        "ISLR",
        "College",
        target="Outstate",
    ),
    rdata(
        "wage",
        "regression",
        "real",
        "James et al., An Introduction to Statistical Learning; R package ISLR",
        "ISLR",
        "Wage",
        target="wage",
        log=True,
        drop={"logwage": "the target", "region": "constant"},
        ordered={
            "education": (
                "1. < HS Grad",
                "2. HS Grad",
                "3. Some College",
                "4. College Grad",
                "5. Advanced Degree",
            )
        },
        care="It has a column of race.",
    ),
    rdata(
        "carseats",
        "regression",
        "control",
        "James et al., An Introduction to Statistical Learning; R package ISLR",
        "ISLR",
        "Carseats",
        target="Sales",
        ordered={"ShelveLoc": ("Bad", "Medium", "Good")},
        care="Simulated for teaching; a straight line is right.",
    ),
    rdata(
        "auto",
        "regression",
        "real",
        "Quinlan, ICML 1993; R package ISLR",
        "ISLR",
        "Auto",
        target="mpg",
        drop={"name": "differs from row to row"},
        categorical=("origin",),
    ),
    rdata(
        "house_prices",
        "regression",
        "real",
        "Anglin and Gencay, Journal of Applied Econometrics 1996; R package AER",
        "AER",
        "HousePrices",
        target="price",
        log=True,
    ),
    rdata(
        "diamonds",
        "regression",
        "real",
        "Wickham, ggplot2",
        "ggplot2",
        "diamonds",
        target="price",
        log=True,
        ordered={
            "cut": ("Fair", "Good", "Very Good", "Premium", "Ideal"),
            "color": tuple("JIHGFED"),
            "clarity": ("I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"),
        },
        care="In 20 of all rows a length is 0, in 3 it is far too large; they are kept.",
    ),
    rdata(
        "deliveries",
        "regression",
        "real",
        "Kuhn and Silge, Tidy Modeling with R; R package modeldata",
        "modeldata",
        "deliveries",
        target="time_to_delivery",
        care="Made for teaching, with clear interactions.",
    ),
    rdata(
        "bdims",
        "regression",
        "control",
        "Heinz et al., Journal of Statistics Education 2003; R package openintro",
        "openintro",
        "bdims",
        target="wgt",
        care="A weight is close to a linear function of girths and widths.",
    ),
    rdata(
        "car_prices",
        "regression",
        "real",
        "Kuiper, Journal of Statistics Education 2008; R package modeldata",
        "modeldata",
        "car_prices",
        target="Price",
        log=True,
        drop={
            "Saturn": "the make that is none of the others",
            "sedan": "the body that is none of the others",
        },
        care="Few models of car, each many times with another mileage: random cuts flatter whoever "
        "learns the models by heart.",
    ),
    RealTable(
        "superconductivity",
        "regression",
        "real",
        "Hamidieh, Computational Materials Science 2018; OpenML 44964",
        OpenML("superconductivity", 44964),
        target="critical_temp",
        care="Not shipped with any package, but downloaded once; 21263 rows and 81 columns at its "
        "source. In the second version of the NIMO paper.",
    ),
)

CLASSIFICATION = (
    rdata(
        "credit_data",
        "classification",
        "real",
        "Credit scoring data of L. Belanche; R package modeldata",
        "modeldata",
        "credit_data",
        target="Status",
        positive="bad",
    ),
    rdata(
        "attrition",
        "classification",
        "real",
        "IBM, Watson Analytics sample data; R package modeldata",
        "modeldata",
        "attrition",
        target="Attrition",
        positive="Yes",
        ordered={
            "BusinessTravel": ("Non-Travel", "Travel_Rarely", "Travel_Frequently"),
            "Education": ("Below_College", "College", "Bachelor", "Master", "Doctor"),
            "EnvironmentSatisfaction": _SATISFACTION,
            "JobInvolvement": _SATISFACTION,
            "JobSatisfaction": _SATISFACTION,
            "RelationshipSatisfaction": _SATISFACTION,
            "PerformanceRating": ("Excellent", "Outstanding"),
            "WorkLifeBalance": ("Bad", "Good", "Better", "Best"),
        },
        care="Invented by its publisher to look like a company's data.",
    ),
    rdata(
        "mlc_churn",
        "classification",
        "real",
        "MLC++ library, via Kuhn and Johnson, Applied Predictive Modeling; R package modeldata",
        "modeldata",
        "mlc_churn",
        target="churn",
        positive="yes",
        drop={
            f"total_{when}_charge": f"a multiple of total_{when}_minutes"
            for when in ("day", "eve", "night", "intl")
        },
        rare_share=0.05,
        care="Made for teaching, with strong interactions. No state holds 5 % of the rows, so that "
        "state gets no column.",
    ),
    rdata(
        "cells",
        "classification",
        "real",
        "Hill et al., BMC Bioinformatics 2007; R package modeldata",
        "modeldata",
        "cells",
        target="class",
        positive="WS",
        drop={
            "case": "the split of the publication",
            "eq_sphere_area_ch_1": "a multiple of area_ch_1",
        },
        care="Highly correlated measurements.",
    ),
    rdata(
        "hmda",
        "classification",
        "real",
        "Munnell et al., American Economic Review 1996; R package AER",
        "AER",
        "HMDA",
        target="deny",
        positive="yes",
        care="Collected to measure what afam (the applicant is Black) does to a decision, so it "
        "stays in; a model for use would leave it out. Where insurance was denied (2 % of rows) "
        "the loan nearly always was too.",
    ),
    rdata(
        "oj",
        "classification",
        "real",
        "Stine, Foster and Waterman, Business Analysis Using Regression; R package ISLR",
        "ISLR",
        "OJ",
        target="Purchase",
        positive="MM",
        drop=derived(
            *("SalePriceMM", "SalePriceCH", "PriceDiff", "Store7"),
            *("PctDiscMM", "PctDiscCH", "ListPriceDiff", "STORE"),
        ),
        categorical=("StoreID",),
    ),
    rdata(
        "pima",
        "classification",
        "real",
        "Smith et al., 1988; R package MASS",
        "MASS",
        "Pima.tr",
        "Pima.te",
        target="type",
        positive="Yes",
        care="The package's two halves joined.",
    ),
    rdata(
        "email",
        "classification",
        "real",
        "OpenIntro Statistics; R package openintro",
        "openintro",
        "email",
        target="spam",
        positive="1",
        drop={
            "time": "differs from row to row",
            "viagra": "0 in all rows but one",
            "from": "1 in all rows but three",
        },
        ordered={"number": ("none", "small", "big")},
    ),
    RealTable(
        "breast_cancer",
        "classification",
        "control",
        "Street, Wolberg and Mangasarian, 1993; scikit-learn",
        Loaded(_breast_cancer),
        target="diagnosis",
        positive="malignant",
        care="Nearly solved by a linear model; little room to be better.",
    ),
)

DATASETS = (*REGRESSION, *CLASSIFICATION, *tables_of_groups.DATASETS, *tables_of_people.DATASETS)
