"""The key pairs behind signed tokens. Made when first wanted: most clients never ask for a signature."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class Keys:
    """The connected app's key pair (JWT bearer: the integration holds the private half) and the org's own (id_token)."""

    @cached_property
    def app(self) -> RSAPrivateKey:
        """Whose signature on an assertion is accepted."""
        return _new_key()

    @cached_property
    def org(self) -> RSAPrivateKey:
        """What id tokens are signed with."""
        return _new_key()

    @cached_property
    def key_id(self) -> str:
        """Names the org's key in a token's header and in the published key set."""
        numbers = self.org.public_key().public_numbers()
        return sha256(str(numbers.n).encode()).hexdigest()[:16]

    def app_private_pem(self) -> str:
        """The private key file that an integration signs assertions with (PKCS #8, not encrypted)."""
        from cryptography.hazmat.primitives import serialization as form

        return self.app.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
        ).decode()

    def published(self) -> dict[str, Any]:
        """The org's public key as a JSON Web Key Set."""
        from jwt.algorithms import RSAAlgorithm

        key = RSAAlgorithm.to_jwk(self.org.public_key(), as_dict=True)
        return {
            "keys": [
                {"kty": "RSA", "n": key["n"], "e": key["e"], "alg": "RS256", "use": "sig", "kid": self.key_id}
            ]
        }


def _new_key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
