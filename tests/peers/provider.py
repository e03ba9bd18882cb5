"""Which OpenID Connect provider do organizations run in the tests? One on loopback that says whatever a test wants."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from keysteward.twin import certificates

CLIENT_ID, CLIENT_SECRET = "keysteward at acme", "p%ss:wörd of the client"
RSA_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())

Raw = tuple[int, dict[str, str], bytes]


@dataclass
class Provider:
    """A provider, what it is told to say, and what it was asked.

    `answers` stand in the place of a path's usual answer; `claims` are what its id tokens say; `signing` and `header`
    how they are signed.
    """

    origin: str
    ca_file: Path
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Raw] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"kid": "rsa"})
    signing: tuple[Any, str] = (RSA_KEY, "RS256")
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    def answer(self, path: str, headers: dict[str, str], form: dict[str, str]) -> Raw:
        """What a request is answered."""
        self.asked.append((path, headers, form))
        if path in self.answers:
            return self.answers[path]
        said = self._usual(path)
        return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()

    def _usual(self, path: str) -> dict[str, Any]:
        if path == "/userinfo":
            return self.userinfo
        told = {"/.well-known/openid-configuration": self._document, "/jwks": self._jwks, "/token": self._tokens}
        return told[path]()

    def _document(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        usual = {name: self.origin + path for name, path in places.items()}
        return {"issuer": self.origin, **usual, "userinfo_endpoint": f"{self.origin}/userinfo"} | self.document

    def _jwks(self) -> dict[str, Any]:
        keys = {
            "rsa": RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True),
            "ec": ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True),
        }
        return {"keys": [{**jwk, "kid": kid} for kid, jwk in keys.items()]}

    def _tokens(self) -> dict[str, Any]:
        key, algorithm = self.signing
        token = jwt.api_jws.encode(json.dumps(self.claims).encode(), key, algorithm, self.header)
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}


@contextmanager
def provider(folder: Path) -> Iterator[Provider]:
    """A provider over TLS for as long as the block lasts."""
    folder.mkdir(exist_ok=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.ensure(folder, "demo", ()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    made = Provider(f"https://localhost:{server.server_address[1]}", certificates.ca_file(folder))
    setattr(server, "provider", made)  # noqa: B010 — the handler is handed nothing but its server
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._say()

    def do_POST(self) -> None:
        self._say()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's own signature
        """Say nothing."""

    def _say(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        made: Provider = getattr(self.server, "provider")  # noqa: B009 — see above
        status, headers, content = made.answer(urlsplit(self.path).path, dict(self.headers), dict(parse_qsl(body)))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
