"""How does the twin speak TLS? With certificates of an authority that it made on first start.

Key and chain stand in one file, replaced by rename; a certificate is made anew when its names change or it runs out.
"""

import fcntl
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

from keysteward.twin.files import write_private

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DAYS = 397
_DAYS_LEFT = 30


def ensure(folder: Path, environment: str, names: tuple[str, ...]) -> Path:
    """The file with key and chain of an environment's certificate, good for loopback and these host names."""
    file = folder / f"{environment}.pem"
    wanted = set(_LOOPBACK) | set(names)
    with _alone(folder):
        if not file.exists() or not _is_pair(file) or not _is_good(file.read_bytes(), wanted):
            expires = datetime.now(UTC) + timedelta(days=_DAYS)
            leaf = _authority(folder).issue_cert(*sorted(wanted), not_after=expires, key_type=trustme.KeyType.ECDSA)
            write_private(file, leaf.private_key_and_cert_chain_pem.bytes())
    return file


def ca_file(folder: Path) -> Path:
    """The authority's certificate, for clients to trust."""
    return folder / "ca.pem"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One command at a time: two that made an authority at once would mix the key of one with the other's chain."""
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _authority(folder: Path) -> trustme.CA:
    key_file, certificate_file = folder / "ca-key.pem", ca_file(folder)
    if key_file.exists() and certificate_file.exists():
        return trustme.CA.from_pem(certificate_file.read_bytes(), key_file.read_bytes())
    authority = trustme.CA(organization_name="Keysteward twin", organization_unit_name="made on this machine")
    write_private(key_file, authority.private_key_pem.bytes())
    write_private(certificate_file, authority.cert_pem.bytes())
    return authority


def _is_pair(file: Path) -> bool:
    """Whether the file holds a key and the certificate of that key."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file)
    except (ssl.SSLError, ValueError):
        return False
    return True


def _is_good(pem: bytes, wanted: set[str]) -> bool:
    certificate = x509.load_pem_x509_certificates(pem)[0]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    present = set(names.get_values_for_type(x509.DNSName))
    present |= {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    wanted = {str(ipaddress.ip_address(name)) if _is_address(name) else name for name in wanted}
    return present == wanted and certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=_DAYS_LEFT)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
