"""What jobs are expected to cost, and what a batch system is asked for because of it."""

import csv
from pathlib import Path

import pytest

from benchmark.fitting import cost
from tools import costs as tool
from tools import snapshot

ROOT = Path(__file__).resolve().parents[2]
CONFIG = {"splits": 10, "more_splits": {}, "limits": {"seconds": 1000, "memory_mb": 4000}}
ROWS = [
    {"dataset": "toy", "method": "mlp", "seconds": 6.0, "memory_mb": 400.0},
    {"dataset": "boston", "method": "mlp", "seconds": 30.0, "memory_mb": 410.0},
    {"dataset": "toy", "method": "lasso", "seconds": 0.1, "memory_mb": 150.0},
]


def costs(cells=(("toy", "mlp"), ("toy", "lasso"), ("toy", "new")), config=CONFIG):
    return cost.Costs(config, cells, ROWS)


def test_seconds_of_a_job_are_those_of_its_splits():
    assert costs().seconds("toy", "mlp") == 60.0


def test_a_data_set_with_more_splits_costs_more_and_its_job_may_take_longer():
    known = costs([("toy", "mlp"), ("boston", "mlp")], CONFIG | {"more_splits": {"boston": 20}})
    assert known.seconds("toy", "mlp") == 60.0 and known.seconds("boston", "mlp") == 600.0
    assert known.runtime("mlp", 1) == (cost.START_SECONDS + cost.HEADROOM_SECONDS * 600) // 60
    assert known.runtime("mlp", 9) == -(-(cost.START_SECONDS + 20 * 1000) // 60)


def test_an_unmeasured_data_set_is_taken_for_the_slowest_and_a_new_method_for_the_default():
    assert costs().seconds("mine", "mlp") == 300.0
    assert costs().seconds("toy", "new") == 10 * cost.DEFAULT_SECONDS


def test_parameters_in_a_name_cost_nothing():
    known = costs([("boston", "mlp[width=9]")])
    assert known.seconds("toy", "mlp[width=9]") == 60.0
    # its job is one of the rule "mlp"
    assert known.runtime("mlp", 1) == costs([("boston", "mlp")]).runtime("mlp", 1)


def test_no_fit_is_expected_to_take_longer_than_its_limit():
    config = CONFIG | {"limits": {"seconds": 5, "memory_mb": 4000}}
    assert costs(config=config).seconds("boston", "mlp") == 50.0


def test_the_longest_job_goes_first():
    known = costs()
    order = sorted(["lasso", "mlp", "new"], key=lambda m: -known.priority("toy", m))
    assert order == ["new", "mlp", "lasso"]


def test_a_job_that_explains_may_take_the_limit_of_more_splits_with_each_attempt():
    minutes = map(costs().explaining_runtime, (1, 2, 3, 9))
    limits = [(60 * one - cost.START_SECONDS) / 1000 for one in minutes]
    assert limits == pytest.approx([1, 3, 7, 10], abs=0.06)  # of ten splits


def test_runtime_is_that_of_the_slowest_data_set_of_the_run_with_headroom():
    short, long = costs([("toy", "mlp")]), costs([("toy", "mlp"), ("boston", "mlp")])
    assert short.runtime("mlp", 1) == (cost.START_SECONDS + cost.HEADROOM_SECONDS * 60) // 60
    assert long.runtime("mlp", 1) == (cost.START_SECONDS + cost.HEADROOM_SECONDS * 300) // 60


def test_every_attempt_has_room_for_more_fits_at_their_limit_but_for_no_more_than_all():
    minutes = [costs().runtime("mlp", attempt) for attempt in range(1, 8)]
    assert minutes == sorted(minutes)
    assert 60 * (minutes[1] - minutes[0]) >= 1000 - 60
    assert minutes[-1] == minutes[-2] == -(-(cost.START_SECONDS + 10 * 1000) // 60)


def test_memory_is_measured_at_first_and_then_all_that_a_fit_may_take():
    assert costs().memory("mlp", 1) == cost.AROUND_MB + cost.HEADROOM_MEMORY * 410
    assert costs().memory("mlp", 2) == cost.AROUND_MB + 4000
    assert costs().memory("new", 1) == cost.AROUND_MB + 4000


@pytest.mark.parametrize("folder", snapshot.COSTS, ids=lambda folder: folder.name)
def test_every_cell_of_the_published_grids_has_a_cost(folder):
    """``python -m tools.snapshot`` writes them with it."""
    with open(folder / "fits.csv", newline="") as file:
        published = cost.measured(csv.DictReader(file))
    known = {(row["dataset"], row["method"]) for row in cost.read()}
    assert known >= {(row["dataset"], row["method"]) for row in published} != set()


def test_cells_of_a_table_of_fits_take_their_places_and_others_stay(tmp_path):
    table, fits = tmp_path / "costs.csv", tmp_path / "fits.csv"
    table.write_text(tool.text(ROWS))
    fits.write_text(
        "dataset,method,status,fit_seconds,predict_seconds,peak_memory_mb\n"
        "toy,mlp,ok,2,1,99\nmine,new,ok,4,0,88\nmine,bad,error,,,\n"
    )
    assert tool.write(fits, table) == 4
    assert table.read_text().splitlines()[1:] == [
        "toy,mlp,3,99",
        "boston,mlp,30,410",
        "toy,lasso,0.1,150",
        "mine,new,4,88",
    ]


def test_failed_fits_do_not_count():
    row = {"dataset": "toy", "method": "mlp", "predict_seconds": "0", "peak_memory_mb": "9"}
    ok, slow = ({"status": "ok", "fit_seconds": s} for s in ("1", "3"))
    failed = {"status": "timeout", "fit_seconds": ""}
    found = cost.measured([row | ok, row | slow, row | failed])
    assert found == [{"dataset": "toy", "method": "mlp", "seconds": 2.0, "memory_mb": 9.0}]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "dataset,method,seconds,memory_mb\na,b,x,1\n"])
def test_another_table_is_refused_by_name(tmp_path, text):
    path = tmp_path / "costs.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match="costs.csv: not a table of costs"):
        cost.read(path)
