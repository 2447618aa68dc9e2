"""Pictures of few colours, so that a checkout stays small."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image  # matplotlib needs it

from benchmark import storage

COLOURS = 255


def write(image: Image.Image, path) -> int:
    """Write a picture as PNG with a palette; return its size in bytes."""
    few = image.convert("RGB").quantize(
        COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    buffer = io.BytesIO()
    few.save(buffer, "PNG", optimize=True)
    storage.write_bytes(path, buffer.getvalue())
    return len(buffer.getvalue())


def shrink(folder):
    """Give every PNG below a folder a palette; one that has it stays as it is."""
    for path in sorted(Path(folder).rglob("*.png")):
        with Image.open(path) as image:
            if image.mode != "P":
                write(image, path)
