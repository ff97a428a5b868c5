"""The instructor's keys: a private one that signs certificates, a public one for whoever verifies them. Ed25519."""

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.core.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def default_key() -> Path:
    """Where the private key is unless a command names another place: among the user's settings on this system.

    Where an older version made one in `~/.config`, it stays in use.
    """
    from platformdirs import user_config_path

    old = Path.home() / ".config" / "grader" / "certificate.key"
    return old if old.exists() else user_config_path("grader", appauthor=False) / "certificate.key"


def public_path(path: Path) -> Path:
    """Where the public key lies that belongs to a private one."""
    return path.with_suffix(".pub")


def new_key(path: Path) -> None:
    """Make a key: the private half at `path`, for its owner's eyes alone, the public half beside it.

    Raises UsageError where either is there: a lost key cannot be made again.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for place, data, mode in ((public_path(path), public, 0o644), (path, private, 0o600)):
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(data)
    except FileExistsError as error:
        raise UsageError(f"{error.filename} is there already, and a key is never overwritten: name another") from error
    except OSError as error:
        raise UsageError(f"no key can be written to {path}: {error.strerror}") from error


def private_key(path: Path) -> "Ed25519PrivateKey":
    """The private key in a file. Raises UsageError where it is none, or others could read it, too."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = _read(path)
    if sys.platform != "win32" and path.stat().st_mode & 0o077:  # Windows has no such modes
        raise UsageError(f"others can read the private key {path}, and so sign as you: chmod 600 {path}")
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError) as error:  # TypeError: it has a password
        raise UsageError(f"{path} holds no private key that `grader key new` made") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} holds a private key of another kind: `grader key new` makes an Ed25519 key")
    return key


def public_key(path: Path) -> "Ed25519PublicKey":
    """The public key in a file. Raises UsageError where it is none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(path))
    except ValueError as error:
        raise UsageError(f"{path} holds no public key; `grader key new` writes it beside the private one") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path} holds a public key of another kind: an Ed25519 key is needed")
    return key


def fingerprint(public: bytes) -> str:
    """A public key's 32 bytes in a form that people can compare."""
    digest = hashlib.sha256(public).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"the key {path} cannot be read ({error.strerror})") from error
