"""Ed25519 keys: private ones encrypted on disk and readable by their owner alone, public ones for everybody.

Files are PEM as OpenSSL writes them (PKCS#8 and SubjectPublicKeyInfo), so that other tools can use them. The algorithms
are those of the ``cryptography`` package; nothing here is our own.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SHORTEST_PASSPHRASE: Final = 8
PUBLIC_SUFFIX: Final = ".pub"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeyTroubleError(Exception):
    """A key that cannot be used: which file, why, what to do. Never holds a passphrase or a key."""


def new_key(path: Path, passphrase: str) -> tuple[Path, str]:
    """Make a pair: the private key at ``path``, the public one beside it with ``.pub``.

    Returns:
        The public key's path, and its fingerprint.

    Raises:
        KeyTroubleError: a file is there already, or the passphrase is too short.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        PublicFormat,
    )

    public_path = path.with_name(path.name + PUBLIC_SUFFIX)
    if taken := next((one for one in (path, public_path) if one.exists()), None):
        raise KeyTroubleError(f"{taken} is there already; a key is never overwritten")
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeyTroubleError(f"the passphrase is shorter than {SHORTEST_PASSPHRASE} characters")
    private = Ed25519PrivateKey.generate()
    secret = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    _write(path, secret, 0o600)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write(public_path, public, 0o644)
    return public_path, fingerprint(private.public_key())


def load_private(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """A private key.

    Raises:
        KeyTroubleError: others may read the file, it holds no encrypted Ed25519 key, or the passphrase is wrong.
        OSError: it cannot be read.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = path.read_bytes()
    mode = path.stat().st_mode
    if os.name == "posix" and mode & _OTHERS:
        raise KeyTroubleError(
            f"{path} can be read by others than its owner (mode {stat.S_IMODE(mode):04o}); run `chmod 600 {path}`"
        )
    if b"PUBLIC KEY" in content:
        raise KeyTroubleError(f"{path} is a public key; name the private one")
    if b"ENCRYPTED PRIVATE KEY" not in content:
        raise KeyTroubleError(
            f"{path} holds no encrypted private key; make one with `prm-harness keys new FILE`"
        )
    try:
        key = load_pem_private_key(content, passphrase.encode())
    except (ValueError, TypeError):
        raise KeyTroubleError(f"{path}: the passphrase is wrong, or the file is damaged") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyTroubleError(f"{path} is no Ed25519 key; make one with `prm-harness keys new FILE`")
    return key


def load_public(path: Path) -> Ed25519PublicKey:
    """A public key.

    Raises:
        KeyTroubleError: it is none, or a private one.
        OSError: it cannot be read.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = path.read_bytes()
    if b"PRIVATE KEY" in content:
        raise KeyTroubleError(f"{path} is a private key: verify with the public one ({path}{PUBLIC_SUFFIX})")
    try:
        key = load_pem_public_key(content)
    except ValueError:
        raise KeyTroubleError(f"{path} is no public key in PEM form") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyTroubleError(f"{path} is no Ed25519 key")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """``ed25519:`` and the sha256 of the 32 bytes of the public key, in hex."""
    return "ed25519:" + hashlib.sha256(key.public_bytes_raw()).hexdigest()


def _write(path: Path, content: bytes, mode: int) -> None:
    """Never over another file, and never readable by others in between."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
