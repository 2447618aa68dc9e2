"""One thread, here and in every process that a test starts: `make test` beside other work."""

import os

from benchmark import threads

os.environ.update(threads.ONE)  # before NumPy and torch are imported

import torch  # noqa: E402

torch.set_num_threads(1)
