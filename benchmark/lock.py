"""Locks that end with the process that holds them, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Busy(RuntimeError):
    """Somebody else holds the lock."""


def hold(path, what: str, wait: bool = False):
    """Take a lock and keep it as long as the returned file is open.

    The system frees it when the process dies, ``kill -9`` included: nothing is unlocked by hand.

    Raises
    ------
    Busy
        Another living process holds it (``wait=False``).
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    file = open(path, "a+")  # noqa: SIM115 (the caller keeps it)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise Busy(
            f"{what} is already at work in this checkout (process {holder}); "
            "wait until it has ended, or give this one another name (config key run)"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
