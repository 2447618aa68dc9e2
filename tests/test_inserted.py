"""Pages show the numbers of their snapshots, of this code, and every place they name exists."""

import json
import re

import pytest

from benchmark import ROOT
from tools import inserted

PAGES = inserted.pages()


def test_every_number_is_that_of_its_snapshot_and_says_whose_code_made_it():
    assert {page.name for page in PAGES} >= {"README.md", "choose.md", "real.md", "replication.md"}
    assert not inserted.out_of_date()


@pytest.fixture
def written(tmp_path):
    (tmp_path / "docs" / "results").mkdir(parents=True)
    (tmp_path / "README.md").write_text("no markers\n")
    page = tmp_path / "docs" / "page.md"
    page.write_text("a\n\n<!-- from results/found.md -->\n\nold\n\n<!-- end -->\n\nb\n")
    (tmp_path / "docs" / "results" / "found.md").write_text("# A title\n\n## Part\n\nnew\n")
    return page


def write_provenance(page, parts=None, **methods):
    made_by = {"commits": ["0123456789"], "code": {"methods": methods, **(parts or {})}}
    (page.parent / "results" / "provenance.json").write_text(json.dumps(made_by))


def test_a_page_gets_the_text_of_a_file_without_its_title(written):
    write_provenance(written, lasso=inserted.key.code_sha256("lasso"))
    root = written.parent.parent
    assert list(inserted.out_of_date(root)) == [written]
    assert inserted.fill(root) == [written]
    shown = written.read_text()
    assert shown == "a\n\n<!-- from results/found.md -->\n\n### Part\n\nnew\n\n<!-- end -->\n\nb\n"
    assert inserted.fill(root) == []


def test_numbers_of_other_code_are_told_with_their_commit(written):
    root = written.parent.parent
    write_provenance(written, lasso=inserted.key.code_sha256("lasso"))
    inserted.fill(root)
    write_provenance(written, lasso=inserted.key.code_sha256("lasso"), ebm="of other code")
    inserted.other_code.cache_clear()
    assert list(inserted.out_of_date(root)) == [written], "the page does not say so yet"
    inserted.fill(root)
    assert "Numbers of commit 0123456; today's code differs: EBM." in written.read_text()


@pytest.mark.parametrize(
    ("part", "today", "words"),
    [
        ("scoring", inserted.scoring_sha256(), "the scores"),
        ("grading", inserted.grading_sha256(), "the grades"),
    ],
)
def test_scores_and_grades_of_other_code_are_told_too(written, part, today, words):
    root, methods = written.parent.parent, ("lasso", "ebm")
    codes = {name: inserted.key.code_sha256(name) for name in methods}
    for code, told in ((today, False), ("of other code", True)):
        write_provenance(written, {part: code}, **codes)
        inserted.fill(root)
        assert (f"; today's code differs: {words}." in written.read_text()) == told


def test_every_method_is_one_whose_own_code_differs(written):
    root, lasso = written.parent.parent, inserted.key.code_sha256("lasso")
    for methods, said in (
        ({"lasso": lasso, "ebm": "other"}, "EBM and the scores"),
        ({"lasso": "other", "ebm": "other"}, "every method and the scores"),
        ({}, "every method and the scores"),  # it does not say what code it had
    ):
        write_provenance(written, {"scoring": "other"}, **methods)
        inserted.fill(root)
        assert f"; today's code differs: {said}." in written.read_text()


def test_scores_do_not_rest_on_what_grades_explanations(monkeypatch):
    seen = []
    monkeypatch.setattr(inserted.key, "sha256_code", lambda paths: seen.append(set(paths)))
    inserted.scoring_sha256(), inserted.grading_sha256()
    scoring, grading = ({path.name for path in paths} for paths in seen)
    assert {"scoring.py", "coefficients.py"} <= scoring and not scoring & grading
    assert {"correctness.py", "fidelity.py", "observe.py", "grades.py"} <= grading


FOLDERS = (".", "docs", "docs/appendix", "nimo", "benchmark", "measurements")
WRITTEN = [page for folder in FOLDERS for page in sorted((ROOT / folder).glob("*.md"))]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target
