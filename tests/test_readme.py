"""The README shows the snapshot's own tables, and every place it names exists."""

import re
from pathlib import Path

from tools.snapshot import update_readme

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_tables_are_those_of_the_snapshot():
    assert update_readme(README, ROOT / "docs" / "results") == README


def test_a_changed_table_would_be_noticed(tmp_path):
    for name in ("results/headline.md", "results/means.md", "real/headline.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("other numbers\n")
    assert update_readme(README, tmp_path / "results").count("other numbers") == 3


def test_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    for target in targets:
        if "://" not in target:
            assert (ROOT / target).exists(), target
