"""Manifests: what they notice, and what is removed with them."""

import os

import pytest

from benchmark import manifest, storage

NAMES = ["split0.json", "split1.json"]


@pytest.fixture
def written(tmp_path):
    """A manifest of two files, older than it."""
    for name in NAMES:
        (tmp_path / name).write_text(f"content of {name}")
        os.utime(tmp_path / name, (1, 1))
    path = tmp_path / "manifest.json"
    manifest.write(path, [tmp_path / name for name in NAMES])
    return path


def test_whole(written):
    assert manifest.problems(written, NAMES) == []
    assert manifest.find_broken({written: NAMES}) == ([], [])


def test_a_file_that_is_gone_is_named(written):
    (written.parent / NAMES[0]).unlink()
    missing, said = manifest.find_broken({written: NAMES})
    assert (missing, said) == ([written], [f"{written.parent / NAMES[0]} is gone"])
    manifest.discard([*missing, "not/there"])
    assert not written.exists() and (written.parent / NAMES[1]).exists()


def test_a_later_file_is_compared_not_distrusted(written):
    file = written.parent / NAMES[1]
    later = written.stat().st_mtime + 10
    os.utime(file, (later, later))
    assert manifest.problems(written, NAMES) == []
    file.write_text("edited")
    os.utime(file, (later, later))
    assert manifest.problems(written, NAMES) == [f"{file} was altered"]


@pytest.mark.parametrize("content", ["", "[]", '{"split0.json": ""}'])
def test_a_damaged_manifest_or_one_of_fewer_files_is_none(written, content):
    written.write_text(content)
    assert manifest.problems(written, NAMES) is None
    assert manifest.find_broken({written: NAMES}) == ([written], [])


def test_what_rests_on_a_broken_one_goes_too(written, tmp_path):
    other = tmp_path / "other" / "manifest.json"
    file = other.parent / "split0.json"
    storage.write_text(file, "another")
    manifest.write(other, [file])
    expected = {written: NAMES, other: ["split0.json"]}
    assert manifest.find_broken(expected, {other: written}) == ([], [])
    (tmp_path / NAMES[0]).unlink()
    assert manifest.find_broken(expected, {other: written})[0] == sorted([written, other])


def test_a_manifest_of_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(storage.DamagedFile, match="split0.json: cannot be read"):
        manifest.write(tmp_path / "manifest.json", [tmp_path / "split0.json"])
