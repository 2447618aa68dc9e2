"""The site: links lead where they led in the repository, and it builds without a warning."""

import re
import subprocess
import sys

import pytest

from benchmark import ROOT
from tools.site import links

PAGES = {"index.md", "CONTRIBUTING.md", "nimo/README.md", "api.md", "results/README.md"}


def rewritten(text, place, url=None):
    return links.rewritten(text, place, PAGES.__contains__, url)


@pytest.mark.parametrize(
    "place, written, shown",
    [
        ("index.md", "[a](docs/api.md#nimo)", "[a](api.md#nimo)"),
        ("index.md", "[a](nimo/README.md)", "[a](nimo/README.md)"),
        ("api.md", "[a](../README.md)", "[a](index.md)"),
        ("api.md", "[a `b` c](results/README.md)", "[a `b` c](results/README.md)"),
        ("results/README.md", "[a](../../CONTRIBUTING.md#tests)", "[a](../CONTRIBUTING.md#tests)"),
        ("nimo/README.md", "[a](../docs/api.md)", "[a](../api.md)"),
        ("api.md", "[a](#here) [b](https://example.org/)", "[a](#here) [b](https://example.org/)"),
        ("api.md", "`[a](../README.md)`", "`[a](../README.md)`"),
        ("api.md", "```\n[a](../README.md)\n```", "```\n[a](../README.md)\n```"),
        ("api.md", "[a](../missing.md) [b](gone.md)", "[a](../missing.md) [b](gone.md)"),
    ],
)
def test_a_link_to_a_page_leads_to_its_place_on_the_site(place, written, shown):
    assert rewritten(written, place) == shown


def test_a_link_to_a_source_file_needs_a_repository():
    text = "[the grid](../config/paper.yaml#L3), [`config/paper.yaml`](../config/paper.yaml)"
    assert rewritten(text, "api.md") == "the grid (`config/paper.yaml`), `config/paper.yaml`"
    there = "https://example.org/suite/blob/main/config/paper.yaml"
    assert rewritten(text, "api.md", "https://example.org/suite/") == (
        f"[the grid]({there}#L3), [`config/paper.yaml`]({there})"
    )


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_asks_nobody(tmp_path):
    """A page that is not there, an anchor that is not there and a page without a place all warn."""
    run = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    for name in ("index", "CONTRIBUTING", "CHANGELOG", "nimo/index", "gallery", "real/page"):
        assert (tmp_path / f"{name}.html").exists()
    assert 'id="nimo.NIMORegressor.fit"' in (tmp_path / "api.html").read_text()
    # drawn by scripts that the two results pages share
    page = tmp_path / "results" / "page.html"
    assert page.stat().st_size < 3e6
    for link in re.findall(
        r'<(?:script src|link rel="stylesheet" href)="([^"]+)"', page.read_text()
    ):
        assert (page.parent / link).exists()
    loaded = re.compile(r'<(?:script|img|link)\b[^>]*\b(?:src|href)="https?://')
    asking = [p.name for p in tmp_path.rglob("*.html") if loaded.search(p.read_text())]
    assert asking == []
