"""Files are whole or not there."""

import errno
import os
import resource
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from benchmark import ROOT, storage


@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.int64, np.bool_]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0),
    )
)
def test_arrays_come_back_and_bytes_depend_on_content_only(array):
    one = storage.pack_arrays({"a": array, "b": np.arange(3)})
    assert one == storage.pack_arrays({"b": np.arange(3), "a": array.copy()})


def test_round_trip(tmp_path):
    arrays = {"x": np.eye(3), "names": np.array(["a", "bc"])}
    sha256 = storage.write_arrays(tmp_path / "f.npz", arrays)
    back = storage.read_arrays(tmp_path / "f.npz", sha256)
    assert back.keys() == arrays.keys()
    np.testing.assert_array_equal(back["x"], arrays["x"])


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_truncated_arrays_are_refused(tmp_path, keep):
    path = tmp_path / "f.npz"
    storage.write_arrays(path, {"x": np.arange(1000.0)})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(storage.DamagedFile, match=f"^{path}: not a whole .npz file"):
        storage.read_arrays(path)


def test_pickles_are_never_loaded(tmp_path):
    np.savez(tmp_path / "f.npz", x=np.array([{}], dtype=object))
    with pytest.raises(storage.DamagedFile):
        storage.read_arrays(tmp_path / "f.npz")


@pytest.mark.parametrize(
    "code, words",
    [(errno.ENOSPC, "No space left on device"), (errno.EACCES, "Permission denied")],
)
def test_failed_write_names_the_file_and_keeps_the_old_one(tmp_path, monkeypatch, code, words):
    path = tmp_path / "f.txt"
    storage.write_text(path, "old")

    def fail(handle):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError) as refusal:
        storage.write_text(path, "new")
    assert str(refusal.value) == f"[Errno {code}] cannot write {path}: {words}"
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f.txt"]


def test_file_system_that_really_refuses_to_write_more(tmp_path):
    """A limit on the size of files makes the system itself refuse, as a full disk does."""
    code = (
        "import sys; from benchmark import storage\n"
        "try: storage.write_bytes(sys.argv[1], b'x' * 100_000)\n"
        "except OSError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "f")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
    )
    assert done.stdout == f"[Errno {errno.EFBIG}] cannot write {tmp_path}/f: File too large\n"
    assert os.listdir(tmp_path) == []


def test_folder_that_is_a_file(tmp_path):
    (tmp_path / "folder").write_text("")
    with pytest.raises(OSError, match=f"cannot write {tmp_path}/folder/f.txt: "):
        storage.write_text(tmp_path / "folder" / "f.txt", "x")


def test_canonical_refuses_nan_and_ignores_order():
    assert storage.sha256_of({"a": 1, "b": 2}) == storage.sha256_of({"b": 2, "a": 1})
    with pytest.raises(ValueError):
        storage.canonical({"a": float("nan")})
