"""The page in a real browser: what a person sees, clicks, types and hears."""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import urldefrag

import pandas as pd
import pytest

import baselines
from benchmark import metrics
from benchmark.page.document import document, libraries, read_contents
from tools import results_page

ROOT = Path(__file__).resolve().parents[3]
SNAPSHOT = ROOT / "docs" / "results"
WIDTHS = (380, 1600)
ROWS = (
    "[...document.querySelectorAll('#{box} tbody tr')]"
    ".map(r => [...r.cells].map(c => c.innerText.trim()))"
)


@pytest.fixture
def opened(browser, page):
    """The page, freshly opened in a large light window."""
    browser.view(1600)
    browser.open(page)
    return browser


def rows(browser, box):
    return browser.run(ROWS.format(box=box))


def first_column(browser, box):
    return [row[0] for row in rows(browser, box)]


def open_cell(browser, dataset, method):
    browser.click(f'#scores-table button[data-cell="{dataset}/{method}"]')
    browser.wait("document.getElementById('cell').open")


def dialog_text(browser):
    return browser.run("document.getElementById('cell').innerText")


def show_everything(browser):
    """Scroll through the page, so that every figure is drawn, and open what is folded."""
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    height = browser.run("document.documentElement.scrollHeight")
    for place in range(0, height, 500):
        browser.run(
            f"(scrollTo({{top: {place}, behavior: 'instant'}}),"
            "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r))))"
        )
    browser.wait("document.querySelectorAll('.figure:not(.js-plotly-plot)').length === 0")


def broken_links(browser, page):
    """Links whose file or place in the page is not there."""
    targets = browser.run("[...document.querySelectorAll('a[href]')].map(a => a.href)")
    assert targets
    broken = []
    for target in targets:
        link, fragment = urldefrag(target)
        assert link.startswith("file://"), f"{target} needs a network"
        path = Path(re.sub("^file://", "", link))
        inside = f"Boolean(document.getElementById({json.dumps(fragment)}))"
        if not path.exists() or (path == page.resolve() and not browser.run(inside)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_opens_without_an_error_a_request_or_a_sideways_scroll(browser, page, width, dark):
    browser.view(width, dark=dark)
    browser.open(page)
    show_everything(browser)
    assert browser.errors == []
    assert browser.requests == [page.resolve().as_uri()] or all(
        u.startswith(("data:", "blob:")) for u in browser.requests[1:]
    )
    assert browser.run("document.documentElement.scrollWidth") == width
    wide = browser.run(
        "[...document.querySelectorAll('.figure')].filter(f =>"
        "f.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert wide == 0
    for dataset, method in (("toy", "mlp"), ("toy", "nimo"), ("vanilla", "nimo")):
        open_cell(browser, dataset, method)
        box = browser.run("(d => [d.scrollWidth, d.clientWidth])(document.getElementById('cell'))")
        assert box[0] <= box[1]
        browser.press("Escape")
    assert browser.errors == []


def test_every_link_leads_somewhere(opened, page):
    show_everything(opened)
    assert broken_links(opened, page) == []
    open_cell(opened, "toy", "mlp")
    assert "logs/invented/toy/mlp.log" in dialog_text(opened)
    assert broken_links(opened, page) == []


def test_a_click_on_a_heading_sorts_and_missing_values_stay_last(opened):
    opened.choose("#metric", "mse")
    before = rows(opened, "scores-table")
    head = '#scores-table thead th[data-dt-column="{}"]'
    titles = opened.run(
        "[...document.querySelectorAll('#scores-table thead th')].map(t => t.innerText.trim())"
    )
    place = titles.index("vanilla")
    orders = []
    for _ in range(2):
        opened.click(head.format(place))
        way = ("ascending", "descending")[len(orders)]
        opened.wait(f"document.querySelector('#scores-table th[aria-sort={way}]')")
        shown = [row[place] for row in rows(opened, "scores-table")]
        assert shown[-1] == "failed"
        orders.append([float(text.split()[0]) for text in shown[:-1]])
    assert orders[0] == sorted(orders[0]) and orders[1] == orders[0][::-1]
    assert sorted(rows(opened, "scores-table")) == sorted(before)


def test_what_is_typed_filters_the_rows(opened):
    opened.click("#scores-table input[type=search]")
    opened.write("nim")
    assert first_column(opened, "scores-table") == ["NIMO"]
    opened.write("zzz")
    assert first_column(opened, "scores-table") == ["No row matches."]


def test_the_list_of_cells_is_filtered_by_fits_and_by_verdict(opened):
    assert len(rows(opened, "cells-table")) == 9
    opened.choose("#by-status", "short")
    assert first_column(opened, "cells-table") == ["vanilla, NIMO", "toy, MLP"]
    opened.choose("#by-status", "none")
    assert first_column(opened, "cells-table") == ["vanilla, NIMO"]
    opened.choose("#by-status", "")
    opened.choose("#by-verdict", "better")
    shown = rows(opened, "cells-table")
    assert shown and all("▲ better" in " ".join(row) for row in shown)
    opened.choose("#by-verdict", "")
    opened.choose("#group", "real")
    methods = ("Lasso", "MLP", "NIMO")
    assert first_column(opened, "cells-table") == [f"diabetes, {name}" for name in methods]


def test_metric_group_and_direction_of_the_table_can_be_chosen(opened):
    assert first_column(opened, "scores-table")[:3] == ["Lasso", "MLP", "NIMO"]
    opened.choose("#rows", "datasets")
    assert first_column(opened, "scores-table") == ["vanilla", "toy", "diabetes"]
    opened.choose("#group", "real")
    assert first_column(opened, "scores-table") == ["diabetes"]
    opened.choose("#group", "")
    opened.choose("#metric", "accuracy")
    assert first_column(opened, "scores-table") == ["classification 1"]
    opened.choose("#metric", "fit_seconds")
    assert "2.00" in opened.run("document.getElementById('scores-table').innerText")
    assert opened.errors == []


def test_a_click_on_a_cell_shows_the_numbers_of_scores_csv(opened, scores):
    for dataset, method, metric in (
        ("toy", "nimo", "mse"),
        ("classification1", "mlp", "accuracy"),
        ("diabetes", "lasso", "mse"),
    ):
        opened.choose("#metric", metric)
        open_cell(opened, dataset, method)
        table = opened.run(
            "[...document.querySelectorAll('#cell table')].map(t => ({title: t.caption.innerText,"
            "head: [...t.tHead.rows[0].cells].map(c => c.innerText),"
            "rows: [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.innerText))}))"
        )
        by_split = next(t for t in table if t["title"] == "By split")
        place = by_split["head"].index(metrics.get(metric).label)
        of_cell = scores[
            (scores.dataset == dataset) & (scores.method == method) & (scores.metric == metric)
        ]
        expected = [float(f"{value:.5g}") for value in of_cell.sort_values("split").value]
        assert [float(row[place]) for row in by_split["rows"]] == expected
        assert [row[1] for row in by_split["rows"]] == ["ok"] * 6
        chosen = [row[-1] for row in by_split["rows"]]
        assert chosen == [f"alpha = {a}, fixed = true" for a in (0.1, 0.25, 0.1) * 2]
        opened.press("Escape")


def test_a_failure_shows_its_reason_and_the_end_of_its_log(opened):
    open_cell(opened, "toy", "mlp")
    text = dialog_text(opened)
    assert "Split 1, timeout: Invented: the timeout of a test" in text
    assert "ValueError: singular & sad </script>" in text
    assert "5 of 6 fits succeeded (1 timeout)" in text


def test_coefficients_are_drawn_beside_the_truth(opened):
    open_cell(opened, "toy", "nimo")
    opened.wait("document.querySelector('#coefficients.js-plotly-plot')")
    traces = opened.run("document.getElementById('coefficients').data.map(t => [t.name, t.x, t.y])")
    by_name = {name: (x, y) for name, x, y in traces}
    features, means = by_name["mean over splits"]
    assert means == pytest.approx([-0.975, 0.525, 2.025])
    assert len(by_name["one split"][1]) == 6 * len(features)
    truth = dict(zip(*by_name["truth"], strict=True))
    (toy,) = [d for d in read_contents_of(opened)["datasets"] if d["name"] == "toy"]
    assert [truth[f] for f in toy["features"]] == toy["truth"][0]
    opened.click("#scaled")
    scaled = opened.run("document.getElementById('coefficients').data[0].y")
    assert max(map(abs, scaled)) == pytest.approx(1.0)


def read_contents_of(browser):
    return json.loads(browser.run("document.getElementById('data').textContent"))


def test_a_method_without_coefficients_says_so(opened):
    open_cell(opened, "diabetes", "mlp")
    assert "This method has no coefficients." in dialog_text(opened)


def test_keys_alone_reach_a_cell_open_it_and_come_back(opened):
    focus = "document.activeElement.dataset.cell ?? document.activeElement.tagName"
    for _ in range(60):
        opened.press("Tab")
        if "/" in opened.run(focus):
            break
    assert opened.run(focus) == "vanilla/lasso"
    for key, expected in (
        ("ArrowRight", "toy/lasso"),
        ("ArrowDown", "toy/mlp"),
        ("End", "diabetes/mlp"),
        ("Home", "vanilla/mlp"),
        ("ArrowUp", "vanilla/lasso"),
        ("ArrowUp", "vanilla/lasso"),
    ):
        opened.press(key)
        assert opened.run(focus) == expected
    opened.press("ArrowRight")
    opened.press("Enter")
    opened.wait("document.getElementById('cell').open")
    inside = "document.getElementById('cell').contains(document.activeElement)"
    assert opened.run(inside)
    for _ in range(12):
        opened.press("Tab")
        # the browser's own frame may take a turn; nothing behind the dialog does
        assert opened.run(f"{inside} || document.activeElement === document.body")
    opened.press("Escape")
    opened.wait("!document.getElementById('cell').open")
    assert opened.run(focus) == "toy/lasso"
    assert (
        opened.run("document.querySelectorAll('#scores-table button.cell[tabindex=\"0\"]').length")
        == 1
    )


def test_headings_are_sorted_by_keys(opened):
    opened.run("document.querySelector('#scores-table thead th [tabindex]').focus()")
    opened.press("Enter")
    opened.wait("document.querySelector('#scores-table th[aria-sort=ascending]')")
    names = first_column(opened, "scores-table")
    assert names == sorted(names, key=str.lower)
    opened.press("Enter")
    opened.wait("document.querySelector('#scores-table th[aria-sort=descending]')")
    assert first_column(opened, "scores-table") == names[::-1]


def test_a_screen_reader_finds_a_name_for_everything(opened):
    show_everything(opened)
    open_cell_name = "NIMO on toy; test MSE 0.012 ± 0.000 (6/6); "
    open_cell_name += "the best of its data set; paper v1 0.166: ours is better"
    for role in ("button", "combobox", "searchbox", "link", "table", "image", "heading", "region"):
        names = opened.names(role)
        assert names and all(name.strip() for name in names), (role, names)
    assert open_cell_name in opened.names("button")
    assert "Filter rows" in opened.names("searchbox")
    assert {"Metric", "Data sets", "Methods", "Rows", "Fits", "Paper", "Over", "Cost"} <= set(
        opened.names("combobox")
    )
    open_cell(opened, "toy", "nimo")
    opened.wait("document.querySelector('#coefficients.js-plotly-plot')")
    assert opened.names("dialog") == ["NIMO on toy"]
    assert "Coefficients of NIMO on toy, by feature" in opened.names("image")
    assert "Close" in opened.names("button")
    assert opened.run("document.documentElement.lang") == "en"


CONTRAST = """(() => {
  const shown = (name) => {
    const e = document.createElement('i');
    e.style.color = `var(--${name})`;
    document.body.append(e);
    const [r, g, b] = getComputedStyle(e).color.match(/[\\d.]+/g).map(Number);
    e.remove();
    const f = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const texts = ['ink', 'quiet', 'link', 'agrees', 'better', 'worse'];
  return texts.flatMap((t) => ['ground', 'raised'].map((g) => ratio(shown(t), shown(g))));
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_texts_stand_out_from_their_ground(opened, dark):
    opened.view(1600, dark=dark)
    assert min(opened.run(CONTRAST)) >= 4.5


def test_the_page_and_its_figures_follow_the_system_into_the_dark(opened):
    show_everything(opened)
    colours = (
        "[getComputedStyle(document.body).backgroundColor,"
        "document.querySelector('#cost-figure .figure').layout.font.color,"
        "getComputedStyle(document.querySelector('#scores-table td')).color]"
    )
    light = opened.run(colours)
    opened.view(1600, dark=True)
    opened.wait("document.documentElement.classList.contains('dark')")
    dark = opened.run(colours)
    assert all(a != b for a, b in zip(light, dark, strict=True)), (light, dark)
    assert light[0] == "rgb(255, 255, 255)"


def test_a_point_of_a_figure_tells_its_numbers(opened):
    show_everything(opened)
    opened.run("document.querySelector('#overview').scrollIntoView({behavior: 'instant'})")
    place = opened.run(
        "(() => { const p = document.querySelector('#overview-figures .figure');"
        "const trace = p.data.findIndex(t => t.name.startsWith('mean'));"
        "const r = p.getBoundingClientRect(), l = p._fullLayout;"
        "return [r.x + l.xaxis._offset + l.xaxis.d2p(p.data[trace].x[0]),"
        "r.y + l.yaxis._offset + l.yaxis.d2p(p.data[trace].y[0])]; })()"
    )
    opened.hover(*place)
    opened.wait("document.querySelector('#overview-figures .hoverlayer .hovertext')")
    text = opened.run("document.querySelector('#overview-figures .hoverlayer').textContent")
    assert text.startswith("Lasso0.013 ± 0.001 (6/6)")


def test_the_figure_of_cost_has_the_numbers_of_the_leaderboard(opened, page):
    show_everything(opened)
    board = leaderboard(page)
    points = opened.run(
        "document.querySelector('#cost-figure .figure').data.slice(1)"
        ".map(t => [t.text[0].replace(/<.?b>/g, ''), t.x[0], t.y[0]])"
    )
    assert {name: (x, y) for name, x, y in points} == {
        row.label: (row.fit_seconds_median, pytest.approx(100 * row.improvability, rel=1e-4))
        for row in board.itertuples()
    }


def leaderboard(page):
    """That of synthetic regression, which is over most data sets, as the table has it."""
    table = pd.read_csv(page.parent / "tables" / "leaderboard.csv")
    board = table[(table.task == "regression") & (table.group == "synthetic")]
    return board.assign(label=[baselines.load(name).label for name in board.method])


def test_the_heat_map_has_measure_and_order_of_the_leaderboard(opened, page):
    board = leaderboard(page)
    shown = rows(opened, "heat-table")
    assert [row[0] for row in shown] == list(board.label)
    assert [row[1] for row in shown] == [f"{100 * share:.1f} %" for share in board.improvability]
    assert first_column(opened, "leaderboard-table") == list(board.label)
    assert opened.run("document.querySelector('#leaderboard-table').innerText").count("Elo") == 1
    best = opened.run(
        "[...document.querySelectorAll('#heat-table td.best button')].map(b => b.dataset.cell)"
    )
    assert sorted(best) == ["diabetes/nimo", "toy/nimo", "vanilla/lasso"]


def test_methods_are_filtered_by_their_family(opened):
    opened.choose("#family", "ours")
    assert first_column(opened, "heat-table") == ["NIMO"]
    # behind it what no method has made
    assert first_column(opened, "scores-table") == ["NIMO", "constant", "noise floor"]
    opened.choose("#family", "!black_box")
    assert first_column(opened, "heat-table") == ["Lasso", "NIMO"]


def test_the_page_opens_with_its_run_and_what_was_found(opened):
    assert opened.run("document.querySelector('h1').innerText") == (
        "Run invented: 4 methods on 4 data sets"
    )
    facts = opened.run("document.querySelector('#facts').innerText")
    assert "2 synthetic data, 1 real tables" in facts and "0123456789ab" in facts
    assert "NIMO" in opened.run("document.querySelector('#found-list').innerText")


def test_headings_stay_while_a_table_scrolls(opened):
    opened.view(1600, 120)
    head = "document.querySelector('#heat-table thead th').getBoundingClientRect().top"
    box = "document.querySelector('#heat-table .dt-layout-table')"
    moved = opened.run(f"({box}.scrollTop = 1000, {box}.scrollTop)")
    assert moved > 20
    assert opened.run(f"{head} - {box}.getBoundingClientRect().top") == pytest.approx(0, abs=2)


def test_what_a_run_has_nothing_for_is_not_there(browser, page, tmp_path):
    data = read_contents(page)
    nothing = {"rankings": [], "standings": [], "tables": [], "leaderboard": None, "found": []}
    for cell in data["cells"]:
        for stats in cell["stats"].values():
            stats.pop("published", None)
    (tmp_path / "bare.html").write_text(document(data | nothing))
    browser.open(tmp_path / "bare.html")
    sections = browser.run("[...document.querySelectorAll('main > section')].map(s => s.id)")
    assert sections == ["heat", "scores", "cells", "overview", "compare", "about"]
    assert "aper" not in browser.run("document.querySelector('main').innerText.split('About')[0]")
    assert browser.errors == []


def test_a_link_to_a_cell_opens_it(browser, page):
    browser.view(1600)
    browser.open(page, "#cell/diabetes/lasso")
    assert browser.names("dialog") == ["Lasso on diabetes"]
    browser.press("Escape")
    browser.wait("!location.hash")


def test_printed_tables_are_made_when_opened_and_can_be_filtered(opened):
    opened.click("#table-regression summary")
    opened.wait("document.querySelector('#table-regression table')")
    shown = rows(opened, "table-regression")
    assert [row[0] for row in shown] == ["vanilla", "vanilla, paper v1", "toy", "toy, paper v1"]
    opened.click("#table-regression input[type=search]")
    opened.write("toy")
    assert len(rows(opened, "table-regression")) == 2


def test_two_runs_are_compared_in_the_browser(opened, page, tmp_path):
    data = read_contents(page)
    data["run"] = "other"
    cells = {(c["dataset"], c["method"]): c for c in data["cells"]}
    cells["toy", "lasso"]["values"]["mse"][1] = 10.5
    cells["toy", "nimo"]["chosen"] = [1, 1, 0]
    data["cells"].remove(cells["diabetes", "mlp"])
    cells["toy", "mlp"]["status"][1] = "ok"
    (tmp_path / "other.html").write_text(document(data))
    opened.choose_file("#other-file", tmp_path / "other.html")
    opened.wait("document.querySelector('#compare-summary')")
    shown = {row[0]: row for row in rows(opened, "compare-result")}
    assert set(shown) == {"toy, Lasso", "toy, MLP", "diabetes, MLP"}
    assert shown["toy, Lasso"][1] == "changed" and shown["toy, Lasso"][5] == "× 0.891"
    assert shown["toy, Lasso"][6] == "1/6"
    assert shown["toy, MLP"][1] == "fits differ"
    assert shown["diabetes, MLP"][1] == "only here" and shown["diabetes, MLP"][4] == "not there"
    opened.choose("#by-state", "same")
    same = {row[0]: row for row in rows(opened, "compare-result")}
    assert same["toy, NIMO"][7] == "1" and "toy, Lasso" not in same
    (tmp_path / "none.html").write_text("<p>nothing</p>")
    opened.choose_file("#other-file", tmp_path / "none.html")
    opened.wait("document.querySelector('#compare-result [role=alert]')")
    assert "none.html cannot be compared" in opened.run(
        "document.getElementById('compare-result').innerText"
    )
    assert opened.errors == []


def test_a_page_made_with_a_second_run_opens_compared(browser, page, tmp_path):
    data = read_contents(page)
    path = tmp_path / "both.html"
    path.write_text(document(data, data | {"seed": 1}))
    browser.view(1600)
    browser.open(path)
    text = browser.run("document.getElementById('compare-result').innerText")
    assert "0 changed" in text and "Seed: here 0, there 1." in text


def test_a_page_whose_libraries_lie_beside_it_opens_from_disk(browser, page, tmp_path):
    (tmp_path / "libraries").mkdir()
    for name, text in libraries().items():
        (tmp_path / "libraries" / name).write_text(text)
    path = tmp_path / "page.html"
    path.write_text(document(read_contents(page), shared="libraries"))
    held = sum(len(text.encode()) for text in libraries().values())
    assert page.stat().st_size - path.stat().st_size > 0.99 * held
    browser.view(1600)
    browser.open(path)
    assert browser.errors == []
    assert rows(browser, "scores-table")
    browser.run("document.querySelector('#overview').scrollIntoView({behavior: 'instant'})")
    browser.wait("document.querySelector('.figure.js-plotly-plot')")


@pytest.fixture(scope="module")
def of_snapshot(tmp_path_factory):
    """The page of the published run, beside copies of all that it links to."""
    folder = tmp_path_factory.mktemp("snapshot") / "results"
    shutil.copytree(SNAPSHOT, folder)
    results_page.main([str(folder)])
    return folder / "index.html"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_of_the_snapshot_is_whole(browser, of_snapshot, width):
    browser.view(width)
    browser.open(of_snapshot)
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert broken_links(browser, of_snapshot) == []
    assert browser.errors == []
    assert browser.run("document.documentElement.scrollWidth") == width
    assert of_snapshot.stat().st_size < 8e6
