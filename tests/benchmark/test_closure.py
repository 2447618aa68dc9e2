"""What a fit rests on is read off the imports, and nothing else repeats it."""

import shutil
import subprocess
import sys

import pytest

from benchmark import ROOT, closure, provenance
from benchmark.fitting import key


def _project(root, **sources):
    for name, text in sources.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_imports_are_followed_wherever_they_stand(tmp_path):
    _project(
        tmp_path,
        a="import numpy\nimport p.one\ndef f():\n    from p import two\n",
        p__one="from . import three\nfrom .four import x\n",
        p__two="if TYPE_CHECKING:\n    import p.five\n",
        p__three="",
        p__four="",
        p__five="",
    )
    (tmp_path / "p" / "__init__.py").write_text("")
    names = ("__init__", "four", "one", "three", "two")
    assert closure.files(["a"], root=tmp_path) == ["a.py", *(f"p/{n}.py" for n in names)]


def test_a_name_that_a_package_hands_out_late_leads_to_its_home_alone(tmp_path):
    late = "if TYPE_CHECKING:\n    from p.one import X\n    from p.two import Y\n"
    _project(tmp_path, a="from p import X\n", p__one="", p__two="")
    (tmp_path / "p" / "__init__.py").write_text(late)
    assert closure.files(["a"], root=tmp_path) == ["a.py", "p/__init__.py", "p/one.py"]


def test_what_stands_aside_is_left_out_with_what_it_alone_imports(tmp_path):
    _project(tmp_path, a="import b, c\n", b="import d, e\n", c="import e\n", d="", e="")
    assert closure.files(["a"], ["b"], tmp_path) == ["a.py", "c.py", "e.py"]


def test_a_module_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="no module 'nowhere'"):
        closure.files(["nowhere"], root=tmp_path)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for name in ("baselines", "benchmark", "nimo"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.parametrize(
    "file, refitted",
    [
        ("nimo/drawing/panels.py", False),
        ("nimo/report/contents.py", False),
        ("nimo/estimators/nimo_plus_regressor.py", False),
        ("benchmark/tables/ranks.py", False),
        ("nimo/paper/algorithm.py", True),
        ("baselines/nimo.py", True),
        ("benchmark/fitting/tuning.py", True),
    ],
)
def test_an_edit_repeats_the_fits_of_the_methods_that_execute_it(copy, file, refitted):
    before = key.code_sha256("nimo_paper", copy)
    source = (copy / file).read_text()
    (copy / file).write_text(f"{source}\nEDITED = True\n")
    key.code_sha256.cache_clear()
    assert (key.code_sha256("nimo_paper", copy) != before) is refitted
    (copy / file).write_text(source)
    key.code_sha256.cache_clear()


FIT = """
import sys
import numpy as np
import baselines
import benchmark.fitting.worker
name = sys.argv[1]
rng = np.random.default_rng(0)
X = rng.normal(size=(40, 2))
y = X[:, 0]
method = baselines.load(name)
params = {key: values[0] for key, values in method.smoke.items()}
method.build("regression", params, 0).fit(X, y, X_val=X, y_val=y).predict(X)
for module in list(sys.modules.values()):
    print(getattr(module, "__file__", None))
"""


@pytest.mark.parametrize("method", ["lasso", "nimo_paper", "nimo_plus"])
def test_a_fit_imports_nothing_of_the_project_that_is_not_in_its_key(method):
    done = subprocess.run(
        [sys.executable, "-c", FIT, method], cwd=ROOT, capture_output=True, text=True, check=True
    )
    inside = [line for line in done.stdout.splitlines() if line.startswith(f"{ROOT}/")]
    imported = {line.removeprefix(f"{ROOT}/") for line in inside if ".venv" not in line}
    known = {*provenance.method_files(method), *closure.files([key.WORKER])}
    assert f"baselines/{method}.py" in imported
    assert imported <= known
