"""A model's own page: its numbers are those of the model's methods, and the file stands alone."""

import json
import re
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from nimo import NIMOClassifier, NIMOPlusClassifier, NIMOPlusRegressor, NIMORegressor
from nimo.report.contents import KEPT_ROWS, contents
from tests.nimo.toy import FAST, toy_rows

NAMES = ["</script><b>", 'say "x" & y', "größe 日本"]


def frame(X):
    return pd.DataFrame(X, columns=NAMES[: X.shape[1]])


@cache
def fitted(cls, classes=2):
    X, y = toy_rows(250)
    if "Classifier" in cls.__name__:
        y = np.array(["<low>", "mid & dle", "high"])[np.digitize(y, [0, 4][: classes - 1])]
    options = FAST if cls in (NIMORegressor, NIMOClassifier) else {}
    return cls(**options).fit(frame(X), y), frame(X), y


ESTIMATORS = [
    (NIMORegressor, 2),
    (NIMOPlusRegressor, 2),
    (NIMOPlusClassifier, 2),
    (NIMOPlusClassifier, 3),
    (NIMOClassifier, 2),
    pytest.param(NIMOClassifier, 3, marks=pytest.mark.slow),
]
each = pytest.mark.parametrize("cls, classes", ESTIMATORS)


class Page(HTMLParser):
    """Tags, those still open at the end, identifiers, and the text of each element."""

    ALONE = {"meta", "link", "input", "br"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.tags, self.texts = [], [], [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for key, value in attrs if key == "id"]
        if tag not in self.ALONE:
            self.open.append((tag, dict(attrs).get("id")))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


@each
def test_the_file_stands_alone_and_names_are_no_markup(cls, classes, tmp_path):
    model, X, y = fitted(cls, classes)
    path = model.report(X, y, tmp_path / "page.html")
    assert path == tmp_path / "page.html"
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == [] and len(page.ids) == len(set(page.ids))
    assert "b" not in page.tags and page.tags.count("script") == 2
    assert not re.search(r"https?:|//\w+\.|\bsrc=|@import|url\(", text)
    found = json.loads(page.texts["script", "data"])
    assert set(found["features"]) <= set(NAMES) and found["features"]
    assert found["rows"][0]["number"] in range(250)


@each
def test_what_a_row_is_made_of_adds_up(cls, classes):
    model, X, y = fitted(cls, classes)
    found = contents(model, X, y)
    json.dumps(found, allow_nan=False)  # plain
    assert len(found["parts"]) == (classes if classes > 2 else 1)
    kept = [row["number"] for row in found["rows"]]
    assert len(kept) == len(set(kept)) == KEPT_ROWS
    eta = model.decision_function(X) if classes > 2 or found["classes"] else model.predict(X)
    eta = eta.reshape(len(X), -1)
    for k, part in enumerate(found["parts"]):
        sums = part["at_baseline"] + np.sum(part["contributions"], axis=1)
        np.testing.assert_allclose(sums, eta[kept, k], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(part["predictor"], eta[kept, k])
    answer = model.predict(X) if found["classes"] is None else model.predict_proba(X)
    np.testing.assert_array_equal([row["predicted"] for row in found["rows"]], answer[kept])


def test_coefficients_curves_surfaces_and_intervals_are_those_of_the_model():
    model, X, y = fitted(NIMOPlusRegressor)
    found = contents(model, X, y)
    (part,) = found["parts"]
    assert part["formula"] == model.formula()
    intervals = model.coef_interval()
    for one in part["coefficients"]:
        j = NAMES.index(one["feature"])
        assert one["coef"] == model.coef_[j] and one["interval"] == intervals[j].tolist()
    curves = [panel for panel in part["panels"] if panel["type"] == "curve"]
    surfaces = [panel for panel in part["panels"] if panel["type"] == "surface"]
    assert curves and surfaces
    for panel in curves:
        j, x = NAMES.index(panel["feature"]), np.array(panel["x"])
        line = model.coef_[j] * (x - model.baseline_[j])
        np.testing.assert_allclose(panel["y"], line + model.shape(j, x))
        np.testing.assert_allclose(panel["interval"], model.term_interval(j, x, line=True))
        rows = panel["rows"]
        assert sum(rows["counts"]) + rows["beyond"] + rows["missing"] == len(X)
    for panel in surfaces:
        pairs = [(x, y) for y in panel["y"] for x in panel["x"]]
        expected = model.surface(panel["pair"], pairs).reshape(len(panel["y"]), -1)
        np.testing.assert_allclose(panel["height"], expected)
    parts = model.term_contributions(X)
    for k, term in enumerate(part["terms"]):
        own = parts[tuple(term["features"])]
        assert term["size"] == pytest.approx(np.abs(own).mean())
        rows = [row["number"] for row in found["rows"]]
        np.testing.assert_allclose([row[k] for row in part["contributions"]], own[rows])
    (interval,) = {tuple(part["interval"][0])}
    first = X.iloc[[found["rows"][0]["number"]]]
    np.testing.assert_allclose(interval, model.mean_interval(first)[0])


def test_modulations_of_the_papers_model_are_its_local_coefficients():
    model, X, y = fitted(NIMORegressor)
    found = contents(model, X, y)
    (part,) = found["parts"]
    kept = [row["number"] for row in found["rows"]]
    used = [NAMES.index(name) for name in found["features"]]
    np.testing.assert_allclose(part["local"], model.local_coef(X)[np.ix_(kept, used)])
    assert part["interval"] is None
    assert all(one["interval"] is None for one in part["coefficients"])
    modulated = [j for j in range(3) if model.modulated_by_[j].any()]
    assert sorted(NAMES.index(panel["feature"]) for panel in part["panels"]) == modulated


def test_a_class_of_several_has_the_terms_of_its_own_predictor():
    model, X, y = fitted(NIMOPlusClassifier, 3)
    found = contents(model, X, y)
    for k, part in enumerate(found["parts"]):
        assert part["label"] == str(model.classes_[k])
        for one in part["coefficients"]:
            assert one["coef"] == model.coef_[k, NAMES.index(one["feature"])]
        for panel in part["panels"]:
            if panel["type"] == "curve":
                j, x = NAMES.index(panel["feature"]), np.array(panel["x"])
                band = model.term_interval(j, x, line=True)[..., k]
                np.testing.assert_allclose(panel["interval"], band)


@cache
def with_levels():
    rng = np.random.default_rng(3)
    n = 300
    X = pd.DataFrame(
        {
            "colour": rng.choice(["red", "green", "blue"], n),
            "size": pd.Categorical(rng.choice(["S", "M", "L"], n), ["S", "M", "L"], ordered=True),
            "yes": rng.choice(["no", "yes"], n),
            "z": rng.uniform(-2, 2, n),
        }
    )
    X.loc[:9, "z"] = np.nan
    y = 2 * (X.colour == "red") + 3 * (X["size"] == "L") + (X.yes == "yes") + X.z.fillna(1)
    return X, y + 0.2 * rng.normal(size=n)


def test_levels_have_their_effects_and_their_rows():
    X, y = with_levels()
    model = NIMOPlusRegressor(n_structures=1).fit(X, y)
    panels = {p["feature"]: p for p in contents(model, X, y)["parts"][0]["panels"]}
    assert [panels[name]["type"] for name in ("colour", "size", "yes", "z")] == [
        *["levels"] * 3,
        "curve",
    ]
    table = model.level_effects("colour")
    assert panels["colour"]["levels"] == list(table.level)
    np.testing.assert_allclose(panels["colour"]["y"], table.effect)
    assert panels["size"]["levels"] == ["S", "M", "L"]
    for name in ("colour", "size", "yes"):
        counts = dict(zip(panels[name]["levels"], panels[name]["counts"], strict=True))
        assert counts == X[name].value_counts().to_dict()
    # what a level adds is what the prediction changes by
    two = X.iloc[[20, 20]].assign(size=pd.Categorical(["S", "L"], ["S", "M", "L"], ordered=True))
    low, _, high = panels["size"]["y"]
    assert np.diff(model.predict(two))[0] == pytest.approx(high - low)
    assert panels["z"]["rows"]["missing"] == 10
    assert panels["z"]["at_missing"] == pytest.approx(model.shape("z", [np.nan])[0])


def kinds(found):
    return {one["kind"]: one["text"] for one in found["cautions"]}


def test_what_to_be_wary_of_is_said_where_it_is_so():
    X, y = toy_rows(300)
    model = NIMOPlusRegressor(n_structures=1).fit(X, y)
    assert kinds(contents(model, X, y)) == {}
    far = X.copy()
    far[:7, 0] = 9
    found = contents(model, far, y)
    assert "7 of 300 rows" in kinds(found)["extrapolation"]
    assert "x1 (7)" in kinds(found)["extrapolation"]
    assert all(row["outside"] == ["x1"] for row in found["rows"] if row["number"] < 7)
    assert "no better" in kinds(contents(model, X, -y))
    few = NIMOPlusRegressor().fit(X[:15], X[:15, 0] + X[:15, 1])
    assert "15 training rows" in kinds(contents(few, X[:15], y[:15]))["few rows"]
    noise = NIMOPlusRegressor(n_structures=1).fit(X, np.random.default_rng(0).normal(size=300))
    assert not noise.selected_features_.any()
    assert "constant" in kinds(contents(noise, X, y))["empty"]


def test_terms_that_few_structures_have_are_named():
    rng = np.random.default_rng(2)
    X = rng.uniform(-2, 2, (120, 5))
    y = X[:, 0] + 0.4 * X[:, 1] * X[:, 2] + rng.normal(size=120)
    model = NIMOPlusRegressor().fit(X, y)
    found = contents(model, X, y)
    of = [one for term in found["parts"][0]["terms"] for one in term["of"]]
    assert len(of) == len(model.terms_)
    shares, means, _ = model.model_.by_member(X)
    spread = np.sqrt(shares @ np.mean((means[..., 0] - model.predict(X)) ** 2, axis=1))
    between = spread / np.std(model.predict(X))
    assert found["parts"][0]["disagreement"] == pytest.approx(between)
    assert ("The structures disagree" in str(found["cautions"])) == (between > 0.25)
    unsure = [one for one in of if one["weight"] < 0.5]
    assert unsure and f"{len(unsure)} of {len(of)} terms" in kinds(found)["unstable"]
    assert all(0 < one["weight"] <= 1 + 1e-9 for one in of)


@pytest.mark.parametrize("family", ["gaussian", "poisson", "gamma", "quantile"])
def test_errors_stand_beside_those_of_a_constant(family):
    X, eta = toy_rows(200)
    y = np.random.default_rng(0).poisson(np.exp(eta / 5)) + (family == "gamma")
    model = NIMOPlusRegressor(family=family).fit(X, y)
    found = contents(model, X, y)["errors"]
    assert all(one["model"] < one["constant"] for one in found)
    if family == "gaussian":
        assert found[0]["model"] == pytest.approx(np.mean((y - model.predict(X)) ** 2) ** 0.5)
        assert found[0]["constant"] == pytest.approx(np.std(y))


def test_rows_without_any_count_have_a_report():
    X, eta = toy_rows(100)
    y = np.random.default_rng(0).poisson(np.exp(eta / 5))
    model = NIMOPlusRegressor(family="poisson", max_order=1, n_structures=1).fit(X, y)
    deviance = contents(model, X[:3], [0, 0, 0])["errors"][0]
    assert deviance["model"] == pytest.approx(2 * model.predict(X[:3]).mean())
    assert deviance["constant"] == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="needs y >= 0, got"):
        contents(model, X[:3], [0, -1, 0])


def test_a_model_without_its_posterior_has_no_bands():
    model, X, y = fitted(NIMOPlusRegressor)
    found = contents(NIMOPlusRegressor.from_dict(model.to_dict()), X, y)
    (part,) = found["parts"]
    assert part["interval"] is None and part["disagreement"] is None
    assert all(p.get("interval") is None for p in part["panels"])


def test_bad_arguments_get_one_clear_error(tmp_path):
    model, X, y = fitted(NIMOPlusRegressor)
    with pytest.raises(ValueError, match="y has 249 values, X has 250 rows"):
        model.report(X, y[1:], tmp_path / "a.html")
    with pytest.raises(ValueError, match="finite numbers, got nan in row 3"):
        model.report(X, np.where(np.arange(250) == 3, np.nan, y), tmp_path / "a.html")
    with pytest.raises(FileNotFoundError, match="no folder .*nowhere"):
        model.report(X, y, tmp_path / "nowhere" / "a.html")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        model.report(X, y, tmp_path)
    with pytest.raises(NotFittedError):
        NIMOPlusRegressor().report(X, y, tmp_path / "a.html")
    classifier, X, y = fitted(NIMOPlusClassifier)
    with pytest.raises(ValueError, match="y holds the class 'other'"):
        classifier.report(X, np.full(250, "other"), tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ in a browser


@pytest.mark.slow
@each
def test_a_browser_shows_it_without_an_error_and_keys_move_through_rows(
    cls, classes, browser, tmp_path
):
    model, X, y = fitted(cls, classes)
    page = model.report(X, y, tmp_path / "page.html")
    for width, dark in ((380, True), (1200, False)):
        browser.view(width, dark=dark)
        browser.open(page)
        assert browser.run("document.documentElement.scrollWidth") == width
        assert len(browser.requests) == 1 and browser.errors == []
    text = "document.getElementById('row-text').textContent"
    focus = "document.activeElement.id"
    for _ in range(40):
        browser.press("Tab")
        if browser.run(focus) == "row-slider":
            break
    assert browser.run(focus) == "row-slider"
    browser.press("Home")
    rows = contents(model, X, y)["rows"]
    for k in range(3):
        assert browser.run(text).startswith(f"Row {rows[k]['number']}: ")
        browser.press("ArrowRight")
    browser.press("End")
    assert browser.run(text).startswith(f"Row {rows[-1]['number']}: ")
    browser.choose("#row-select", 5)
    assert browser.run(text).startswith(f"Row {rows[5]['number']}: ")
    if classes > 2:
        formula = "document.getElementById('formula').textContent"
        before = browser.run(formula)
        browser.choose("#part", 1)
        assert browser.run(formula) != before
    for role in ("image", "slider", "combobox", "table", "heading"):
        names = browser.names(role)
        assert names and all(name.strip() for name in names), (role, names)
    assert browser.errors == []


@pytest.mark.slow
def test_pointing_at_a_dot_takes_its_row_apart(browser, tmp_path):
    model, X, y = fitted(NIMOPlusRegressor)
    browser.view(1200)
    browser.open(model.report(X, y, tmp_path / "page.html"))
    place = browser.run(
        "(() => { const dot = document.querySelectorAll('#row-cloud .point')[0];"
        "dot.scrollIntoView({block: 'center'}); const r = dot.getBoundingClientRect();"
        "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
    )
    browser.hover(*place)
    number = contents(model, X, y)["rows"][0]["number"]
    browser.wait(f"document.getElementById('row-text').textContent.startsWith('Row {number}: ')")
    cells = browser.run(
        "[...document.querySelectorAll('#row-table tbody tr')].map(r => r.cells[2].innerText)"
    )
    values = [float(cell.replace("−", "-")) for cell in cells]
    assert sum(values[:-1]) == pytest.approx(values[-1], rel=0.02)
