"""Files that are either whole or not there, and that say when they were altered."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from pathlib import Path

import numpy as np


class DamagedFile(ValueError):
    """A file that is truncated, altered by hand or of another format; the message names it."""


def write_bytes(path, content: bytes):
    """Write atomically: a temporary file in the same folder, then a rename.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written; the message names the path.  What was
        there before is untouched.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise OSError(error.errno, f"cannot write {path}: {error.strerror}") from None


def check_writable(folder):
    """Write a small file into a folder, made if missing, and remove it.

    Raises
    ------
    OSError
        As :func:`write_bytes`.
    """
    probe = Path(folder) / ".probe"
    write_bytes(probe, bytes(100_000))
    probe.unlink()


def write_text(path, text: str):
    """:func:`write_bytes` for text, in UTF-8."""
    write_bytes(path, text.encode())


def pack_arrays(arrays: dict) -> bytes:
    """The bytes that :func:`write_arrays` writes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: np.asarray(arrays[name]) for name in sorted(arrays)})
    return buffer.getvalue()


def write_arrays(path, arrays: dict) -> str:
    """Write an .npz whose bytes depend on the content only; return its sha256."""
    content = pack_arrays(arrays)
    write_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def read_bytes(path, sha256: str | None = None) -> bytes:
    """Read a file.

    Raises
    ------
    DamagedFile
        It cannot be read, or its sha256 is not the expected one.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DamagedFile(f"{path}: cannot be read: {error.strerror}") from None
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedFile(f"{path}: sha256 differs from the recorded one")
    return content


def read_arrays(path, sha256: str | None = None) -> dict:
    """Read an .npz back as a dictionary.

    Raises
    ------
    DamagedFile
        It cannot be read as .npz, or its sha256 is not the expected one.
    """
    content = read_bytes(path, sha256)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:
        raise DamagedFile(f"{path}: not a whole .npz file ({type(error).__name__})") from None


def write_document(path, document: dict):
    """Write a JSON document with the sha256 of its content, so that a hand in it is noticed."""
    signed = document | {"sha256": sha256_of(document)}
    write_text(path, json.dumps(signed, indent=1, sort_keys=True) + "\n")


def read_document(path) -> dict:
    """What :func:`write_document` was given.

    Raises
    ------
    DamagedFile
        It is missing, truncated or altered since it was written.
    """
    try:
        document = json.loads(Path(path).read_text())
    except OSError as error:
        raise DamagedFile(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise DamagedFile(f"{path}: truncated or not JSON") from None
    if not isinstance(document, dict) or "sha256" not in document:
        raise DamagedFile(f"{path}: not a record")
    if document.pop("sha256") != sha256_of(document):
        raise DamagedFile(f"{path}: altered since it was written (sha256 differs)")
    return document


def canonical(document) -> bytes:
    """The one JSON text of a document: sorted keys, no white space, no NaN."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def sha256_of(document) -> str:
    """sha256 of :func:`canonical`."""
    return hashlib.sha256(canonical(document)).hexdigest()


def sha256_file(path) -> str:
    """sha256 of a file's bytes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
