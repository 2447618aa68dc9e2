"""What a worker may not do: outlive its judge, write elsewhere, read the judge's files.

And what a method may not do: find files that it has left in another split.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# audit events and how many of their first arguments are paths that would be changed
PATH_EVENTS = {
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.mkdir": 1,
    "os.truncate": 1,
    "os.link": 2,
    "os.symlink": 2,
    "os.chmod": 1,
    "os.chown": 1,
    "os.utime": 1,
    "shutil.rmtree": 1,
}


class WriteOutsideFolder(PermissionError):
    """A method tried to write outside the folder it was given."""


class ReadOfJudgesFiles(PermissionError):
    """A method tried to read the splits or the results."""


def die_with_parent():
    """No orphan goes on computing when the judge is killed."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def begin_afresh(folder: Path, name: str):
    """Change to an empty working folder, and take a new one for temporary files.

    The working folder has one path in all splits, so that a path noted at an import is that of the
    split at work; what was in it is put aside.  Temporary files stay where they are: libraries keep
    some for the life of the process.

    Parameters
    ----------
    folder : of the worker; both lie in it
    name : of the split, another one each time
    """
    work, temporary = folder / "work", folder / f"temporary-{name}"
    if work.exists():
        work.rename(folder / f"before-{name}")
    work.mkdir()
    temporary.mkdir()
    os.chdir(work)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)


def confine(folder: Path):
    """Refuse Python-level writes outside ``folder`` and reads of the judge's files."""
    allowed = (str(folder.resolve()) + os.sep, "/dev/")
    closed = tuple(str(ROOT / name) + os.sep for name in ("data", "results"))
    allowed_in_closed = str(folder.resolve()) + os.sep

    def check(path):
        if isinstance(path, int) or path is None:
            return
        full = os.path.realpath(os.fsdecode(path))
        if not (full + os.sep).startswith(allowed):
            raise WriteOutsideFolder(f"a method may write in its own folder only, not to {full}")

    def hook(event, args):
        if event == "open":
            path, mode, flags = args
            writes = any(c in mode for c in "wax+") if isinstance(mode, str) else False
            if writes or (isinstance(flags, int) and flags & WRITE_FLAGS):
                check(path)
            elif isinstance(path, str | bytes):
                full = os.path.realpath(os.fsdecode(path))
                if full.startswith(closed) and not full.startswith(allowed_in_closed):
                    raise ReadOfJudgesFiles(f"a method may not read {full}")
        elif event in PATH_EVENTS:
            for path in args[: PATH_EVENTS[event]]:
                check(path)

    sys.addaudithook(hook)
