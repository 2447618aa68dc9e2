"""Kill the whole workflow again and again, and see that nothing is lost or changed.

``python -m tests.drivers.kill_and_resume [--times 20] [--seed 0] [--config config/smoke.yaml]``

One run goes through undisturbed.  Another is killed (``kill -9``) at random moments and started
anew with the same command until it ends by itself; then its comparable outputs must be
byte-identical to those of the first, and the next such run begins, until there were enough kills.
Every second kill hits the main process alone, the others all processes.  The exit code says whether
all agreed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time

import psutil

from benchmark.fingerprint import differences, fingerprint
from tests.drivers.runs import clean, finish, read_config, start

EARLIEST = 1.0  # seconds after the start; before, nothing but imports happens


def kill(process, everything: bool):
    """kill -9 the main process, or it and all its descendants."""
    family = psutil.Process(process.pid).children(recursive=True) if everything else []
    process.send_signal(signal.SIGKILL)
    for p in family:
        try:
            p.kill()
        except psutil.NoSuchProcess:
            pass
    process.wait()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20, help="number of kills")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments")
    parser.add_argument("--config", default="config/smoke.yaml")
    parser.add_argument("--cores", default="2")
    parser.add_argument("--target", default="all", help="what to make")
    parser.add_argument("--keep", action="store_true", help="keep the runs' files")
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)
    config = read_config(options.config)
    base = config["run"]
    os.makedirs("logs", exist_ok=True)
    with open(f"logs/kill_and_resume_{base}.log", "wb") as log:

        def begin(name):
            target = options.target.replace("<run>", name)
            return start(config | {"run": name}, [target, "--cores", options.cores], log)

        reference = f"{base}-undisturbed"
        clean(reference)
        began = time.monotonic()
        finish(begin(reference).wait(), reference, log)
        duration = time.monotonic() - began
        expected = fingerprint(reference)
        print(f"undisturbed: {duration:.0f} s, {len(expected)} outputs", flush=True)

        kills, compared, wrong = 0, 0, []
        while kills < options.times:
            name = f"{base}-killed{compared}"
            clean(name)
            moments = []
            while True:
                process = begin(name)
                try:
                    moment = rng.uniform(EARLIEST, duration)
                    if kills == options.times:
                        moment = None
                    code = process.wait(moment)
                    break
                except subprocess.TimeoutExpired:
                    kill(process, everything=kills % 2 == 0)
                    kills += 1
                    moments.append(round(moment, 1))
            finish(code, name, log)
            changed = differences(expected, fingerprint(name))
            compared += 1
            wrong += [f"{name}: {output}" for output in changed]
            print(
                f"{name}: killed after {moments} s, then completed: "
                f"{len(changed)} outputs differ ({kills} of {options.times} kills)",
                flush=True,
            )
            if not options.keep:
                clean(name)
        if not options.keep:
            clean(reference)
    print(json.dumps({"kills": kills, "runs": compared, "seed": options.seed, "differ": wrong}))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
