"""What runs behind the Contextual Lasso: the original through Julia, or the port."""

from contextual_lasso import resolve as backends


def resolve(choice):
    """What the suite asks of a method with more than one implementation (see ``contract.py``)."""
    found = backends.resolve(choice)
    package = found["package"]
    name = f"{found['backend']} {found['version']}"
    versions = {}
    if found["backend"] == "julia":
        name += f", ContextualLasso.jl {package}"
        versions = {"julia": found["version"], "ContextualLasso.jl": package}
    return {
        "name": name,
        "params": {"backend": found["backend"]},
        "environment": found.get("environment", {}),
        "versions": versions,
        "reason": found["reason"],
    }
