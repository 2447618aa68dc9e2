"""Seeds derived from names, so that adding a method, data set or split changes no other number."""

from __future__ import annotations

import hashlib


def derive(base: int, *parts) -> int:
    """A 31-bit seed from the base seed and any number of names.

    >>> derive(0, "data", "toy", 3) == derive(0, "data", "toy", 3)
    True
    """
    text = "|".join(map(str, (base, *parts)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
