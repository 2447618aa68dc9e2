"""Around a fit of networks: threads, device and progress."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from joblib import cpu_count
from threadpoolctl import threadpool_limits


def _count(n_jobs: int | None) -> int:
    """Threads that are asked for; as in scikit-learn -1 is all processors, -2 all but one."""
    if n_jobs is None:
        return 1
    return int(n_jobs) if n_jobs > 0 else max(1, int(cpu_count() + 1 + n_jobs))


@contextmanager
def limited_threads(n_jobs: int | None) -> Iterator[None]:
    """As many threads as are asked for: small products do not gain from more."""
    before, count = torch.get_num_threads(), _count(n_jobs)
    with threadpool_limits(count):
        try:
            torch.set_num_threads(count)
            yield
        finally:
            torch.set_num_threads(before)


def available_device(device: Any) -> torch.device:
    """
    Raises
    ------
    ValueError
        It is not there.
    """
    try:
        found = torch.device(device)
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        raise ValueError(f"device {device!r} is not available: {error}") from error
    return found


class progress_bar:
    """A progress bar, or nothing, as the callback of the training loop."""

    def __init__(self, verbose: bool, label: str):
        self.bar = None
        if verbose:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                raise ImportError(
                    "verbose=True needs tqdm: "
                    'pip install "hybrid-interpretable-models[progress]", or verbose=False'
                ) from None
            self.bar = tqdm(desc=label, unit="step")

    def __enter__(self):
        return self._advance if self.bar is not None else None

    def __exit__(self, *exc):
        if self.bar is not None:
            self.bar.close()

    def _advance(self, steps, loss):
        self.bar.update(steps)
        if loss is not None:
            self.bar.set_postfix(validation=f"{float(loss.min()):.4g}")
