from pathlib import Path

import numpy as np
import pytest
import torch

DATA = Path(__file__).parent / "data"
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def recorded():
    """Loader of a recorded file by name, as a dict of arrays."""

    def load(name):
        with np.load(DATA / f"{name}.npz") as archive:
            return dict(archive)

    return load
