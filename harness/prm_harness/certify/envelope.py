"""The DSSE envelope around the statement: made and checked by ``securesystemslib``, and spelled in one way only.

Sources: DSSE protocol 1.0 (secure-systems-lab/dsse), in-toto attestation framework v1, RFC 8785 (JSON canonicalisation).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from .keys import fingerprint

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"


class EnvelopeError(Exception):
    """An envelope that cannot be relied on, in a sentence."""


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value down (RFC 8785)."""
    import rfc8785

    return bytes(rfc8785.dumps(value))


def sealed(statement: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The statement in an envelope with one signature."""
    from securesystemslib.dsse import Envelope

    return signed(_written(Envelope(canonical(statement), PAYLOAD_TYPE, {})), key)


def signed(envelope: bytes, key: Ed25519PrivateKey) -> bytes:
    """The envelope with one signature more, over the same statement."""
    from securesystemslib.signer import CryptoSigner

    opened = _read(envelope)
    opened.sign(CryptoSigner(key, _known(key.public_key())))
    return _written(opened)


def statement_of(envelope: bytes) -> dict[str, Any]:
    """What was signed; says nothing about who signed it.

    Raises:
        EnvelopeError: it is no envelope with a statement, or is not spelled the way this tool spells it.
    """
    opened = _read(envelope)
    if opened.payload_type != PAYLOAD_TYPE:
        raise EnvelopeError(f"its payload is of type {opened.payload_type!r}, not {PAYLOAD_TYPE!r}")
    try:
        statement = json.loads(opened.payload)
        spelled = canonical(statement)
    except ValueError:
        raise EnvelopeError("its payload is no JSON") from None
    if not isinstance(statement, dict) or spelled != opened.payload:
        raise EnvelopeError("its payload is not in canonical form (RFC 8785)")
    return statement


def signers(envelope: bytes, keys: Iterable[Ed25519PublicKey]) -> list[str]:
    """Fingerprints of those of the keys that signed it, validly."""
    from securesystemslib.exceptions import UnverifiedSignatureError

    opened = _read(envelope)
    found = []
    for key in keys:
        known = _known(key)
        signature = opened.signatures.get(known.keyid)
        if signature is None:
            continue
        try:
            known.verify_signature(signature, opened.pae())
        except UnverifiedSignatureError:
            continue
        found.append(fingerprint(key))
    return list(dict.fromkeys(found))


def claimed(envelope: bytes) -> list[str]:
    """Fingerprints that the signatures claim, in order; whether rightly is for :func:`signers` to say."""
    return list(_read(envelope).signatures)


def _known(key: Ed25519PublicKey) -> SSlibKey:
    from securesystemslib.signer import SSlibKey

    return SSlibKey.from_crypto(key, keyid=fingerprint(key))


def _read(envelope: bytes) -> Envelope:
    from securesystemslib.dsse import Envelope

    try:
        opened = Envelope.from_dict(json.loads(envelope))
        spelled = _written(opened)
    except Exception:  # noqa: BLE001 - the library raises whatever the damage leads to
        raise EnvelopeError("it is no DSSE envelope") from None
    if spelled != envelope:
        raise EnvelopeError("it is not written the way this tool writes")
    return opened


def _written(envelope: Envelope) -> bytes:
    return canonical(envelope.to_dict()) + b"\n"
