"""Pages show the numbers of their snapshots, of this code, and every place they name exists."""

import json
import re

import pytest

from benchmark import ROOT
from tools import inserted

PAGES = inserted.pages()


def test_every_number_is_that_of_its_snapshot_and_of_this_code():
    assert {page.name for page in PAGES} >= {"README.md", "choose.md", "real.md", "replication.md"}
    assert inserted.problems() == []


@pytest.fixture
def written(tmp_path):
    (tmp_path / "docs" / "results").mkdir(parents=True)
    (tmp_path / "README.md").write_text("no markers\n")
    page = tmp_path / "docs" / "page.md"
    page.write_text("a\n\n<!-- from results/found.md -->\n\nold\n\n<!-- end -->\n\nb\n")
    (tmp_path / "docs" / "results" / "found.md").write_text("# A title\n\nnew\n")
    return tmp_path


def write_provenance(root, code):
    made_by = {"code": {"methods": {"lasso": code}}}
    (root / "docs" / "results" / "provenance.json").write_text(json.dumps(made_by))


def test_a_page_gets_the_text_of_a_file_without_its_title(written):
    write_provenance(written, inserted.key.code_sha256("lasso"))
    assert any("page.md" in problem for problem in inserted.problems(written))
    changed = inserted.fill(written)
    assert [page.name for page in changed] == ["page.md"]
    shown = changed[0].read_text()
    assert shown == "a\n\n<!-- from results/found.md -->\n\nnew\n\n<!-- end -->\n\nb\n"
    assert inserted.fill(written) == [] and inserted.problems(written) == []


def test_numbers_of_other_code_are_a_problem(written):
    write_provenance(written, "of other code")
    inserted.fill(written)
    (problem,) = inserted.problems(written)
    assert "docs/results" in problem and "lasso" in problem


WRITTEN = [
    p for f in (".", "docs", "docs/appendix", "nimo") for p in sorted((ROOT / f).glob("*.md"))
]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target
