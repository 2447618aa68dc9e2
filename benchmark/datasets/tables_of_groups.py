"""Published tables whose rows belong together: several rows of a person or a place, or an order."""

from __future__ import annotations

from benchmark.datasets.real_table import RealTable, derived, rdata

WOOLDRIDGE = "Wooldridge, Introductory Econometrics"
#: a column that says whose row it is; it repeats only where it is among ``same``
NAMES = "says whose row it is"


def _table(name, source, package, item, target, **more) -> RealTable:
    source = f"{source}; R package {package}"
    return rdata(name, "regression", "real", source, package, item, target=target, **more)


def _grouped(name, source, package, item, target, by, drop=None, **more) -> RealTable:
    """A table whose rows of one value of the column ``by`` stay together."""
    drop = {by: NAMES} | (drop or {})
    return _table(name, source, package, item, target, drop=drop, same=(by,), **more)


GROUPED = (
    _grouped(
        *("males", "Vella and Verbeek, Journal of Applied Econometrics 1998", "plm", "Males"),
        target="wage",
        by="nr",
        care="545 men in eight years each. The target is a logarithm as published. It has a column "
        "of race.",
    ),
    _grouped(
        *("airfare", WOOLDRIDGE, "wooldridge", "airfare"),
        target="fare",
        log=True,
        by="id",
        drop={"lfare": "the target", "concen": "bmktshr again"}
        | derived("y98", "y99", "y00", "ldist", "ldistsq", "lpassen"),
        care="1149 routes in four years each.",
    ),
    _grouped(
        *("guns", "Stock and Watson, Introduction to Econometrics", "AER", "Guns"),
        target="violent",
        log=True,
        by="state",
        drop=dict.fromkeys(("murder", "robbery"), "a part of the target"),
        care="51 states in 23 years each: to be told of a state that was not seen.",
    ),
    _grouped(
        *("rice_farms", "Feng and Horrace, Journal of Applied Econometrics 2012"),
        *("plm", "RiceFarms"),
        target="goutput",
        log=True,
        by="id",
        drop={
            "noutput": "the target less a share for the harvest",
            "totlabor": "the sum of hiredlabor and famlabor, but for three rows",
        },
        care="171 farms in six seasons each.",
    ),
    _grouped(
        *("exam", "Goldstein et al., Oxford Review of Education 1993", "mlmRev", "Exam"),
        target="normexam",
        by="school",
        drop={"student": "numbers the pupils of a school", "type": "schgend says the same"},
        ordered=dict.fromkeys(("intake", "vr"), ("bottom 25%", "mid 50%", "top 25%")),
        care="65 schools.",
    ),
    _grouped(
        *("high_school", "Raudenbush and Bryk, Hierarchical Linear Models", "mlmRev", "Hsb82"),
        target="mAch",
        by="school",
        drop=derived("cses"),
        care="160 schools.",
    ),
    _grouped(
        *("schools", f"Papke, Journal of Public Economics 2005; {WOOLDRIDGE}"),
        *("wooldridge", "school93_98"),
        target="math4",
        by="distid",
        drop={"schid": "a part of distid"}
        | derived(*(f"y{year}" for year in range(93, 99)))
        | derived("exppp", "lenrol", "lrexpp", "lavgrexpp"),
        care="525 school districts in six years.",
    ),
)

TEMPORAL = (
    _table(
        *("computers", "Stengos and Zacharias, Journal of Applied Econometrics 2006"),
        *("Ecdat", "Computers"),
        target="price",
        log=True,
        time="trend",
        care="Advertised in 35 months in which prices fell.",
    ),
    _table(
        *("hotel_rates", "Antonio et al., Data in Brief 2019", "modeldata", "hotel_rates"),
        target="avg_price_per_room",
        log=True,
        drop={"arrival_date": "arrival_date_num says the same"},
        time="arrival_date_num",
        rare_share=0.05,
        care="historical_adr is a mean of earlier prices.",
    ),
    _table(
        *("chicago", "Kuhn and Johnson, Feature Engineering and Selection"),
        *("modeldata", "Chicago"),
        target="ridership",
        drop={"date": "differs from row to row"},
        time="date",
        care="The stations' columns are of two weeks before.",
    ),
    _table(
        *("grinnell", "Cannon et al., Stat2", "Stat2Data", "GrinnellHouses"),
        target="SalePrice",
        log=True,
        drop={
            "Date": "year, month and day are columns",
            "Address": "differs from row to row",
            **dict.fromkeys(("CostPerSqFt", "SPLPPct"), "computed from the target"),
            **dict.fromkeys(("ListPrice", "OrigPrice"), "nearly the target"),
        },
        time="Date",
        care="Houses of one town; some are sold again later.",
    ),
    _table(
        *("tx_housing", "Real Estate Center of Texas A&M University", "ggplot2", "txhousing"),
        target="median",
        log=True,
        drop={"volume": "sales times their mean price", "date": "year and month are columns"},
        time="date",
        care="46 cities by month.",
    ),
)

DATASETS = (*GROUPED, *TEMPORAL)
