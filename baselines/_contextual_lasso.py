"""What runs behind the Contextual Lasso: the original through Julia, or the port."""

from contextual_lasso import resolve as backends

#: what a config may say under ``implementation``
CHOICES = backends.BACKENDS
#: what decides the answer below, read without starting Julia: when it changes, a run asks anew
setup = backends.setup


def resolve(choice):
    """What the suite asks of a method with more than one implementation (see ``contract.py``)."""
    found = backends.resolve(choice)
    name = f"{found['backend']} {found['version']}"
    if found["package"]:
        name += f", ContextualLasso.jl {found['package']}"
    passed_on = ("params", "environment", "versions", "reason")
    return {"name": name} | {key: found[key] for key in passed_on}
