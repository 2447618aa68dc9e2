"""The documentation is what the code says and prints: docstrings, their examples, the pages."""

import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
from pathlib import Path

import griffe
import matplotlib
import pytest

import contextual_lasso
import nimo
from baselines.contract import Method
from benchmark.metrics.metric import Metric
from explainers.contract import Explainer, Explanation
from tests.nimo.toy import toy_rows
from tools.docs import __main__ as command
from tools.docs import printed

ROOT = Path(__file__).resolve().parent.parent
WORD = re.compile(r"\w+")
ROLE = re.compile(r":\w+:`~?([^`]+)`")
NAMES = re.compile(r"([\w, ]+?) : ")
#: Of what a method returns, in its first line.
SHAPE = re.compile(r"\([ndmK],|data frame|as a matplotlib figure")
MODULES = sorted(
    info.name
    for package in (nimo, contextual_lasso)
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
)
ESTIMATORS = [
    getattr(package, name)
    for package in (nimo, contextual_lasso)
    for name in package.__all__
    if hasattr(getattr(package, name), "fit")
]
#: whose docstrings docs/api.md shows
PUBLIC = {
    **{
        f"{p.__name__}.{name}": getattr(p, name)
        for p in (nimo, contextual_lasso)
        for name in p.__all__
    },
    **{f"{cls.__module__}.{cls.__name__}": cls for cls in (Method, Metric, Explainer, Explanation)},
}
OUR_PACKAGES = {name.split(".")[0] for name in PUBLIC}


def methods(cls):
    """Public methods that our own classes define, by name."""
    found = {}
    for owner in cls.__mro__:
        if owner.__module__.split(".")[0] in OUR_PACKAGES:
            for name, member in vars(owner).items():
                if inspect.isfunction(member) and not name.startswith("_"):
                    found.setdefault(name, member)
    return found


def examples(module):
    return [test for test in doctest.DocTestFinder().find(module) if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_show_what_they_say(name):
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    for test in examples(importlib.import_module(name)):
        said = []
        doctest.DocTestRunner(optionflags=options).run(test, out=said.append)
        assert not said, "".join(said)


@pytest.mark.parametrize("cls", ESTIMATORS, ids=lambda cls: cls.__name__)
def test_every_estimator_shows_an_example(cls):
    assert ">>> " in inspect.getdoc(cls)


@pytest.mark.parametrize("page", command.MADE, ids=lambda page: page.stem)
def test_a_page_that_is_made_is_that_of_the_code(page):
    assert page.read_text() == command.text_of(page), f"run python -m tools.docs docs/{page.name}"


def test_the_api_page_shows_every_public_name_and_its_first_line():
    lines = (ROOT / "docs" / "api.md").read_text().splitlines()
    shown = {line.removeprefix("::: ") for line in lines if line.startswith("::: ")}
    # contextual_lasso imports its estimators late, and mkdocstrings reads without importing
    homes = {name.replace("contextual_lasso.", "contextual_lasso.estimator.") for name in PUBLIC}
    assert shown == homes
    for name, cls in PUBLIC.items():
        first = " ".join(inspect.getdoc(cls).partition("\n\n")[0].split())
        first = ROLE.sub(r"`\1`", first).replace("``", "`")
        assert f"* `{name}`: {first}" in lines


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_a_docstring(name):
    assert inspect.getdoc(PUBLIC[name])
    assert [method for method, f in methods(PUBLIC[name]).items() if not inspect.getdoc(f)] == []


def sections(text, kind):
    """What a numpy docstring says of a kind: parameters, attributes, returns, raises."""
    parsed = griffe.Docstring(text).parse("numpy", warnings=False)
    return [item for section in parsed if section.kind.value == kind for item in section.value]


def documented(text, kind):
    """Names in a docstring's parameters or attributes; a line may have several, with types."""
    lines = [f"{one.name} : {one.annotation}" for one in sections(text, kind)]
    return {word for line in lines for names in NAMES.findall(line) for word in WORD.findall(names)}


ESTIMATORS = [
    getattr(package, name) for package in (nimo, contextual_lasso) for name in package.__all__
]


@pytest.mark.parametrize("cls", ESTIMATORS, ids=lambda cls: cls.__name__)
def test_public_names_have_arguments_results_and_attributes(cls):
    package = nimo if hasattr(nimo, cls.__name__) else contextual_lasso
    other = getattr(package, cls.__name__.replace("Classifier", "Regressor"))  # it refers to that
    texts = [inspect.getdoc(one) for one in (cls, other)]
    given = set(inspect.signature(cls).parameters)
    assert given <= set.union(*(documented(text, "parameters") for text in texts))
    for name, method in methods(cls).items():
        text = inspect.getdoc(method)
        arguments = set(inspect.signature(method).parameters) - {"self"}
        assert arguments <= documented(text, "parameters"), (cls.__name__, name)
        said = sections(text, "returns") or SHAPE.search(text.split("\n\n")[0])
        assert name == "fit" or said, (cls.__name__, name)
    if hasattr(cls, "fit"):
        X, y = toy_rows(40)
        y = y > 0 if "Classifier" in cls.__name__ else y
        # the rest of a fit's attributes begin with "_"
        fitted = {name for name in vars(cls().fit(X, y)) if name.endswith("_") and name[0] != "_"}
        assert fitted <= set.union(*(documented(text, "attributes") for text in texts))


# ---------------------------------------------------------------- pages whose code is run


PAGE = """# A page

```python
x = 2
print("x is", x)
```

```text
x is 2
```

<!-- slow -->
```python
print("slow", x + 1)
```

```text
slow 4
```

```sh
echo never run
```
"""


@pytest.fixture
def written(tmp_path):
    (tmp_path / "page.md").write_text(PAGE)
    return tmp_path / "page.md"


def test_a_page_gets_what_its_blocks_print(written):
    text, blocks = printed.run(written)
    assert text == PAGE.replace("slow 4", "slow 3")
    assert [block.agrees() for block in blocks] == [True, False]
    assert command.main([str(written), "--check"]) == 1
    assert written.read_text() == PAGE
    assert command.main([str(written)]) == 0 and command.main([str(written), "--check"]) == 0


def test_slow_blocks_can_be_left_out(written):
    text, blocks = printed.run(written, fast=True)
    assert text == PAGE and len(blocks) == 1


def test_a_block_that_prints_nothing_has_no_output(written):
    written.write_text("```python\nx = 1\n```\n\n```text\nold\n```\n")
    assert printed.run(written)[0] == "```python\nx = 1\n```\n"


def test_a_failing_block_is_named_by_its_line(written):
    written.write_text("# Title\n\n```python\nundefined\n```\n")
    with pytest.raises(RuntimeError, match=r"page.md, block at line 3: NameError"):
        printed.run(written)


def test_numbers_may_differ_a_little_and_words_may_not():
    shown = printed.Block(1, False, "R2 0.51, yes\n", "R2 0.52, yes\n")
    assert shown.agrees(0.02) and not shown.agrees(0.001) and not shown.agrees()
    assert not printed.Block(1, False, "0.5 yes\n", "0.5 no\n").agrees(1.0)
    assert not printed.Block(1, False, "0.5\n", "0.5 0.6\n").agrees(1.0)


@pytest.mark.parametrize("fast", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_quickstart_prints_what_it_shows(tmp_path, fast):
    """Words exactly, numbers as far as another processor, which rounds differently, goes."""
    matplotlib.use("agg")
    copy = tmp_path / "quickstart.md"
    copy.write_text((ROOT / "docs/quickstart.md").read_text())
    (tmp_path / "quickstart").mkdir()
    _, blocks = printed.run(copy, fast=fast)
    assert len(blocks) >= 5 - fast
    for block in blocks:
        assert block.agrees(0.05), f"line {block.line} now prints\n{block.printed}"
    assert (tmp_path / "report.html").stat().st_size > 10_000
    pictures = {p.name for p in (tmp_path / "quickstart").iterdir()}
    assert pictures == {p.name for p in (ROOT / "docs/quickstart").iterdir()}
    text = copy.read_text()
    assert all(f"](quickstart/{name})" in text for name in pictures)


@pytest.mark.parametrize("name", ["model.md", "guide.md"])
def test_the_pages_of_nimo_plus_print_what_they_show(tmp_path, name):
    matplotlib.use("Agg", force=True)
    copy = tmp_path / name
    copy.write_text((ROOT / "docs" / name).read_text())
    blocks = printed.run(copy)[1]
    assert blocks
    for block in blocks:
        assert block.agrees(0.02, 0.02), f"line {block.line} now prints\n{block.printed}"
    for picture in tmp_path.glob("*.png"):
        assert (ROOT / "docs" / picture.name).exists()


def test_no_number_stands_in_the_quickstart_outside_its_code():
    """What the code prints is written by tools.docs; a result in the prose would grow old."""
    prose = printed.BLOCK.sub("", (ROOT / "docs/quickstart.md").read_text())
    assert [n for n in printed.NUMBER.findall(prose) if "." in n] == []


@pytest.mark.slow
def test_the_appendix_of_nimo_plus_prints_what_it_shows(tmp_path):
    copy = tmp_path / "nimo_plus.md"
    copy.write_text((ROOT / "docs/appendix/nimo_plus.md").read_text())
    blocks = printed.run(copy)[1]
    assert len(blocks) == 2
    for block in blocks:
        if "differs by" not in block.shown:
            assert block.agrees(0.3), f"line {block.line} now prints\n{block.printed}"
        # seconds depend on the machine, and the rounding of exports on the processor
        else:
            assert block.printed.count("differs by") == 3
            assert float(re.search(r"all of it: ([\d.]+) s", block.printed)[1]) < 60


def test_the_documents_stay_small():
    """Each table and figure once, in the format that is read here; pages with scripts are built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "docs"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split("\0")
    files = [ROOT / name for name in listed if name] or [*(ROOT / "docs").rglob("*.*")]
    kinds = {path.suffix for path in files}
    assert kinds <= {".md", ".csv", ".png", ".json", ".yaml", ".gz"}, kinds
    assert sum(path.stat().st_size for path in files if path.exists()) < 12e6
