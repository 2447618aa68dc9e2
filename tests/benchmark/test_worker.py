"""The worker's side: confinement, what it reports."""

import os
import subprocess
import sys
import textwrap

import pytest

from benchmark.config import ROOT
from benchmark.fitting import worker


def confined(tmp_path, code):
    """Run code in a process confined to tmp_path/folder; return its last line of output."""
    folder = tmp_path / "folder"
    folder.mkdir()
    script = (
        "import os, shutil, sys\nfrom pathlib import Path\n"
        "from benchmark.fitting import confinement\n"
        "folder = Path(sys.argv[1]); outside = folder.parent\n"
        "confinement.confine(folder)\n"
        f"try:\n{textwrap.indent(textwrap.dedent(code), '    ')}\n    print('done')\n"
        "except Exception as error:\n    print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "(outside / 'x').write_text('')",
        "open(outside / 'x', 'ab')",
        "os.open(outside / 'x', os.O_CREAT | os.O_RDWR)",
        "(outside / 'x').mkdir()",
        "os.rmdir(outside)",
        "(folder / 'x').write_text(''); os.rename(folder / 'x', outside / 'x')",
        "os.symlink('/', outside / 'x')",
        "(folder / 'x').write_text(''); os.link(folder / 'x', outside / 'x')",
        "os.symlink(outside / 'y', folder / 'x'); (folder / 'x').write_text('')",
        "shutil.rmtree(outside)",
        "os.chmod(outside, 0o777)",
        "os.chdir('..'); open('x', 'w')",
    ],
)
def test_changes_outside_the_folder_are_refused(tmp_path, code):
    assert confined(tmp_path, code) == "WriteOutsideFolder"
    assert os.listdir(tmp_path) == ["folder"]


def test_the_folder_itself_may_be_used(tmp_path):
    code = """
        (folder / 'a').mkdir()
        (folder / 'a' / 'x').write_text('')
        os.rename(folder / 'a' / 'x', folder / 'y')
        shutil.rmtree(folder / 'a')
        open(os.devnull, 'w').write('x')
    """
    assert confined(tmp_path, code) == "done"


@pytest.mark.parametrize("place", ["data", "results"])
def test_the_suites_own_files_cannot_be_read(tmp_path, place):
    code = f"open({str(ROOT / place / 'any' / 'split0.npz')!r}, 'rb')"
    assert confined(tmp_path, code) == "ReadOfJudgesFiles"


def test_long_message_is_cut():
    facts = worker._failed(ValueError("x" * 10**6))
    assert len(facts["error"]["message"]) < worker.MESSAGE_LIMIT + 40


def test_lack_of_memory_is_told_from_other_errors():
    assert worker._failed(MemoryError())["status"] == "memory"
    assert worker._failed(ValueError("x"))["status"] == "error"
