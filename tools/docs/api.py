"""docs/api.md, from the docstrings of what a user may import.

The docstrings are read by docstring_parser: numpydoc would bring all of Sphinx.
"""

from __future__ import annotations

import doctest
import importlib
import inspect
import re

from docstring_parser import Docstring, DocstringStyle, parse

from benchmark import ROOT

PAGE = ROOT / "docs" / "api.md"
EXAMPLES = re.compile(r"^Examples\n-+\n(?P<body>.*?)(?=^\S[^\n]*\n---|\Z)", re.S | re.M)
PACKAGES = ("nimo", "contextual_lasso", "baselines")


def contents() -> dict[str, list[type]]:
    """The classes of the page by the module that a user imports them from."""
    import contextual_lasso
    import nimo
    from baselines import contract

    public = {
        module.__name__: [getattr(module, name) for name in module.__all__]
        for module in (nimo, contextual_lasso)
    }
    classes = {
        name: [member for member in members if inspect.isclass(member)]
        for name, members in public.items()
    }
    # the regressor first: the other class refers to it
    classes = {
        n: sorted(found, key=lambda c: "Classifier" in c.__name__) for n, found in classes.items()
    }
    return classes | {contract.__name__: [contract.Method]}


def markdown(text: str) -> str:
    """A docstring's paragraphs in Markdown: its markup of code and references."""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text.strip())
    text = text.replace("``", "`")
    # Outside code, these would start emphasis or a tag.
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"(\*|(?<!\w)_|<(?=\w))", r"\\\1", part) for part in parts[::2]]
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", "".join(parts))]
    return "\n\n".join(paragraphs)


def _item(names: str, kind: str | None, text: str | None) -> str:
    """A list item; numpydoc allows several names with types of their own, ``X : a, y : b``."""
    line = f"* `{names}`"
    if kind:
        line += " : " + re.sub(r", `?([A-Za-z]\w*)`? : ", r", `\1` : ", markdown(kind))
    body = markdown(text or "").replace("\n\n", "\n\n  ")
    return f"{line}  \n  {body}" if body else line


def _group(title: str, items: list[str]) -> list[str]:
    return [f"**{title}**", "\n".join(items)] if items else []


def sections(doc: Docstring) -> list[str]:
    """The parsed docstring as blocks of Markdown."""
    blocks = [markdown(doc.short_description or "")]
    if doc.long_description:
        blocks.append(markdown(doc.long_description))
    for title, key in (("Parameters", "param"), ("Attributes", "attribute")):
        found = [m for m in doc.meta if m.args[0] == key]
        blocks += _group(title, [_item(m.arg_name, _kind(m), m.description) for m in found])
    returned = [m for m in doc.meta if m.args[0] in ("returns", "yields")]
    blocks += _group(
        "Returns",
        [
            _item(r.return_name or r.type_name, r.return_name and r.type_name, r.description)
            for r in returned
        ],
    )
    raised = [m for m in doc.meta if m.args[0] == "raises"]
    blocks += _group("Raises", [_item(r.type_name, None, r.description) for r in raised])
    for title in ("notes", "references", "see_also"):
        found = [m for m in doc.meta if m.args[0] == title]
        blocks += _group(
            title.replace("_", " ").capitalize(), [markdown(m.description) for m in found]
        )
    return [block for block in blocks if block]


def _examples(text: str) -> list[str]:
    """The section "Examples": docstring_parser loses continued lines and what they show."""
    section = EXAMPLES.search(text)
    if section is None:
        return []
    blocks, code = ["**Examples**"], ""
    for piece in [*doctest.DocTestParser().parse(section["body"]), "end"]:
        if isinstance(piece, doctest.Example):
            source = piece.source.rstrip("\n").replace("\n", "\n... ")
            code += f">>> {source}\n{piece.want}"
        elif piece.strip():
            blocks += [f"```pycon\n{code}```"] if code else []
            blocks, code = [*blocks, markdown(piece)], ""
    return blocks[:-1]


def _kind(entry) -> str | None:
    """The type as it is written; docstring_parser takes the default and ", optional" off."""
    if entry.default is not None:
        return f"{entry.type_name}, default={entry.default}"
    return f"{entry.type_name}, optional" if entry.is_optional else entry.type_name


def documented(owner, what: str) -> list[str]:
    """The docstring of a class or function as blocks of Markdown."""
    text = inspect.getdoc(owner)
    if not text:
        raise ValueError(f"{what} has no docstring")
    parsed = parse(EXAMPLES.sub("", text), DocstringStyle.NUMPYDOC)
    return sections(parsed) + _examples(text)


def methods(cls: type) -> dict[str, object]:
    """Public methods that our own classes define, in the order of the source, ``fit`` first."""
    found = {}
    for owner in cls.__mro__:
        if owner.__module__.split(".")[0] in PACKAGES:
            for name, member in vars(owner).items():
                if inspect.isfunction(member) and not name.startswith("_"):
                    found.setdefault(name, member)
    return dict(sorted(found.items(), key=lambda pair: pair[0] != "fit"))


def _signature(function, name: str) -> str:
    arguments = list(inspect.signature(function).parameters.values())
    arguments = [a.replace(annotation=inspect.Parameter.empty) for a in arguments]
    if arguments and arguments[0].name == "self":
        del arguments[0]
    words = [str(a).replace("'", '"') for a in arguments]  # as ruff format has them
    starred = [i for i, a in enumerate(arguments) if a.kind is a.KEYWORD_ONLY]
    if starred:
        words.insert(starred[0], "*")
    line = f"{name}({', '.join(words)})"
    if len(line) <= 88:
        return line
    return f"{name}(\n" + "".join(f"    {word},\n" for word in words) + ")"


def class_page(module: str, cls: type, shown: dict) -> str:
    """One class: signature, docstring, methods.

    ``shown`` maps the methods that are on the page already to their class; they are only named.
    """
    name = cls.__name__
    blocks = [f"### {name}", f"```python\n{_signature(cls.__init__, f'{module}.{name}')}\n```"]
    blocks += documented(cls, name)
    again = []
    for method, function in methods(cls).items():
        if function in shown:
            again.append(f"`{method}`")
            continue
        shown[function] = name
        blocks.append(f"#### `{_one_line(_signature(function, f'{name}.{method}'))}`")
        blocks += documented(function, f"{name}.{method}")
    if again:
        first = next(shown[f] for m, f in methods(cls).items() if f"`{m}`" in again)
        blocks.append(f"{', '.join(again)}: as in [{first}](#{first.lower()}).")
    if hasattr(cls, "get_params"):
        blocks.append("`score`, `get_params` and `set_params` are those of scikit-learn.")
    return "\n\n".join(blocks)


def _one_line(text: str) -> str:
    return re.sub(r",?\s*\)$", ")", re.sub(r"\(\s+", "(", " ".join(text.split())))


def page() -> str:
    """The whole page.

    Raises
    ------
    ValueError
        A public class or method without a docstring; the message has its name.
    """
    blocks = [
        "# API",
        "<!-- made from the docstrings by `python -m tools.docs` -->",
        "Shapes: n rows, d features, h hidden units. The [quickstart](quickstart.md) uses NIMO on\n"
        "a real table; what a method of the suite may offer is in the [contract](contract.md).",
        "Every method but `fit` raises `NotFittedError` before a fit. All that take X raise\n"
        "`ValueError` for another number of features, infinite values and columns that cannot be\n"
        "read. Those that read one linear predictor raise `AttributeError` where there is one for\n"
        "each of more than two classes; the message says what to read in their place.",
    ]
    shown: dict = {}
    for module, classes in contents().items():
        first, _, _ = inspect.getdoc(importlib.import_module(module)).partition("\n\n")
        blocks += [f"## {module}", markdown(first)]
        blocks += [class_page(module, cls, shown) for cls in classes]
    return "\n\n".join(blocks) + "\n"
