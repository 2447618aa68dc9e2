"""A method that misbehaves; the test copies this file under the name of each deed."""

from baselines.contract import Method

NAME = "raises"  # the test puts in another


class Fault:
    def fit(self, X, y, X_val=None, y_val=None):
        self.n_features = X.shape[1]
        self.deed_in_fit(X, y)
        return self

    def deed_in_fit(self, X, y):
        pass

    def predict(self, X):
        return X[:, 0]


def build(task, params, seed):
    return METHODS[NAME]()


METHODS = {}


def deed(cls):
    METHODS[cls.__name__.lower()] = cls
    return cls


@deed
class Raises(Fault):
    def deed_in_fit(self, X, y):
        raise RuntimeError("the method gave up")


@deed
class Nan(Fault):
    def predict(self, X):
        return X[:, 0] * float("nan")


@deed
class Huge(Fault):
    def predict(self, X):
        return X[:, 0] * 1e300


@deed
class Wrong_Shape(Fault):
    def predict(self, X):
        return X


@deed
class Stubborn(Fault):
    """Never ends, ignores SIGTERM and starts children, one of them in a session of its own."""

    def deed_in_fit(self, X, y):
        import signal
        import subprocess

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for apart in (False, True):
            # the odd number is what the test looks for in the list of processes
            subprocess.Popen(["sleep", "98765"], start_new_session=apart)
        while True:
            pass


@deed
class Hog(Fault):
    def deed_in_fit(self, X, y):
        import time

        held = []
        while True:
            held.append(bytearray(b"x") * 20_000_000)
            time.sleep(0.01)


@deed
class Exits(Fault):
    def deed_in_fit(self, X, y):
        raise SystemExit(0)


@deed
class Vanishes(Fault):
    def deed_in_fit(self, X, y):
        import os

        os._exit(0)


@deed
class Segfault(Fault):
    def deed_in_fit(self, X, y):
        import ctypes

        ctypes.string_at(0)


@deed
class Chatter(Fault):
    """Not a failure: it prints 20 MB and predicts well enough."""

    def deed_in_fit(self, X, y):
        for _ in range(20):
            print("x" * 1_000_000, flush=True)


@deed
class Writes_Outside(Fault):
    def deed_in_fit(self, X, y):
        from pathlib import Path

        import baselines

        Path(baselines.__file__).with_name("left_behind.txt").write_text("here")


@deed
class Moves_Outside(Fault):
    def deed_in_fit(self, X, y):
        import os
        import tempfile
        from pathlib import Path

        import baselines

        inside = Path(tempfile.mkdtemp()) / "file.txt"
        inside.write_text("here")
        os.rename(inside, Path(baselines.__file__).with_name("left_behind.txt"))


@deed
class Peeks(Fault):
    """Looks for the test labels in the suite's own split."""

    def deed_in_fit(self, X, y):
        from pathlib import Path

        import numpy as np

        import baselines

        project = Path(baselines.__file__).parent.parent
        np.load(next(project.glob("data/*/toy/split0.npz")))


@deed
class Lacks_Package(Fault):
    pass


METHOD = Method(
    name=NAME,
    label=NAME,
    tasks=("regression",),
    build=build,
    source="tests",
    skip=(lambda task, X, y: f"it does not do {task}") if NAME == "declines" else None,
    requires=("no-such-package",) if NAME == "lacks_package" else (),
)
