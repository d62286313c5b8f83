"""Keys: encrypted, owner's eyes only, never overwritten, and never in a message."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from prm_harness.certify.keys import KeyTroubleError, fingerprint, load_private, load_public, new_key

WORDS = "correct horse battery"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    new_key(tmp_path / "acme.key", WORDS)
    return tmp_path / "acme.key"


def test_a_pair_that_belongs_together(made: Path) -> None:
    private, public = load_private(made, WORDS), load_public(made.with_name("acme.key.pub"))
    assert fingerprint(private.public_key()) == fingerprint(public)
    public.verify(private.sign(b"words"), b"words")
    assert fingerprint(public).startswith("ed25519:")
    assert len(fingerprint(public)) == len("ed25519:") + 64


def test_it_is_encrypted_and_for_its_owner_alone(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert b"ENCRYPTED PRIVATE KEY" in made.read_bytes()
    with pytest.raises(TypeError):
        load_pem_private_key(made.read_bytes(), None)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_one_that_others_may_read_is_refused(made: Path, mode: int) -> None:
    made.chmod(mode)
    with pytest.raises(KeyTroubleError, match=rf"mode {mode:04o}\); run `chmod 600"):
        load_private(made, WORDS)


def test_nothing_is_overwritten(made: Path) -> None:
    before = made.read_bytes()
    with pytest.raises(KeyTroubleError, match="is there already"):
        new_key(made, WORDS)
    made.rename(made.with_name("other"))
    with pytest.raises(KeyTroubleError, match=r"acme\.key\.pub is there already"):
        new_key(made, WORDS)
    assert made.with_name("other").read_bytes() == before


def test_a_wrong_passphrase_says_neither_it_nor_the_right_one(made: Path) -> None:
    with pytest.raises(KeyTroubleError, match="the passphrase is wrong") as caught:
        load_private(made, "wrong horse battery")
    assert "horse" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_short_passphrase_is_none(tmp_path: Path) -> None:
    with pytest.raises(KeyTroubleError, match="shorter than 8"):
        new_key(tmp_path / "k", "short")
    assert not list(tmp_path.iterdir())


def test_other_files_are_told_apart(made: Path, tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1())
    files = {
        "plain": load_private(made, WORDS).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "ec": other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(WORDS.encode())),
        "text": b"hello",
    }
    said = {
        "plain": "holds no encrypted private key",
        "ec": "is no Ed25519 key",
        "text": "holds no encrypted",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(KeyTroubleError, match=said[name]):
            load_private(path, WORDS)
    public = made.with_name("acme.key.pub")
    public.chmod(0o600)
    with pytest.raises(KeyTroubleError, match="is a public key; name the private one"):
        load_private(public, WORDS)
    with pytest.raises(KeyTroubleError, match="verify with the public one"):
        load_public(made)
    with pytest.raises(KeyTroubleError, match="no public key in PEM form"):
        load_public(tmp_path / "text")
