"""The worker's side of explaining: a process that asks fitted models, and never sees a test label.

``python -m benchmark.explanations.asking REQUEST`` takes one stored model after another, asks it
and every explainer about the probes of its split, and leaves one outcome for each.  The judge is
:mod:`benchmark.explanations.explaining`.
"""

from __future__ import annotations

import json
import pickle
import sys
import traceback

import explainers
from benchmark import storage
from benchmark.explanations import observe, probes
from benchmark.fitting.confinement import begin_afresh, confine
from benchmark.fitting.jobs import end, jobs_of, leave, request_of
from explainers.model import Model

MESSAGE_LIMIT = 2000  # characters of an error message that are kept


def explain_one(job, names) -> tuple[dict, dict]:
    """Ask one model; return (facts, arrays).

    An explainer that fails is a fact of its own and costs the others nothing.
    """
    data = storage.read_arrays(job["data"])
    asked = probes.of_split(data, job["rows"], job["seed"], data["background"])
    content = storage.read_bytes(job["model"], job["model_sha256"])
    model = Model(pickle.loads(content), job["task"], data["X_train"])
    arrays = observe.model_arrays(model, asked, data)
    outcomes = {}
    for name in names:
        explainer = explainers.load(name)
        if not explainer.applies(model):
            outcomes[name] = {"status": "none"}
            continue
        try:
            found, seconds = observe.explained(explainer, model, asked)
        except Exception as error:
            traceback.print_exc()
            message = str(error)[:MESSAGE_LIMIT] or "no message"
            error = {"class": type(error).__name__, "message": message}
            outcomes[name] = {"status": "error", "error": error}
            continue
        outcomes[name] = {"status": "ok", "seconds": seconds}
        arrays |= {f"{name}.{key}": values for key, values in found.items()}
    return {"status": "ok", "explainers": outcomes}, arrays


def main(request_path):
    """Work through a request."""
    request, folder = request_of(request_path)
    confine(folder)
    for job in jobs_of(request, folder):
        arrays = {}
        try:
            begin_afresh(folder, str(job["split"]))
            facts, arrays = explain_one(job, request["explainers"])
            json.dumps(facts, allow_nan=False)
        except Exception as error:
            traceback.print_exc()
            message = str(error)[:MESSAGE_LIMIT] or "no message"
            facts = {
                "status": "error",
                "error": {"class": type(error).__name__, "message": message},
                "traceback": traceback.format_exc()[-2 * MESSAGE_LIMIT :],
            }
            arrays = {}
        leave(folder, job, facts, arrays)
    end()


if __name__ == "__main__":
    main(sys.argv[1])
