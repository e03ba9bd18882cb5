"""How does a security key answer? This one holds a P-256 key and says what the standard says, and nothing more."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """A security key in a browser that looks at one origin."""

    def __init__(self, origin: str, *, verifies: bool = True) -> None:
        self.origin = origin
        self.verifies = verifies
        self.uses = 0
        self.credential = secrets.token_bytes(16)
        self._private = ec.generate_private_key(ec.SECP256R1())

    def register(self, options: str) -> str:
        """Answer `navigator.credentials.create`."""
        asked = json.loads(options)
        data = self._data(asked["rp"]["id"], _ATTESTED)
        data += bytes(16) + len(self.credential).to_bytes(2) + self.credential + self._public_key()
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._said(asked, "webauthn.create", attestationObject=_text(attestation))

    def prove(self, options: str) -> str:
        """Answer `navigator.credentials.get`."""
        asked = json.loads(options)
        self.uses += 1
        data = self._data(asked["rpId"], 0)
        signed = data + hashlib.sha256(self._client_data(asked, "webauthn.get")).digest()
        signature = self._private.sign(signed, ec.ECDSA(SHA256()))
        return self._said(asked, "webauthn.get", authenticatorData=_text(data), signature=_text(signature))

    def _data(self, host_name: str, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(host_name.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4)

    def _public_key(self) -> bytes:
        numbers = self._private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _client_data(self, asked: dict[str, Any], kind: str) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _said(self, asked: dict[str, Any], kind: str, **response: str) -> str:
        name = _text(self.credential)
        response["clientDataJSON"] = _text(self._client_data(asked, kind))
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
