"""Are the twin's certificates good, private, and made anew only where they must be?"""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from keysteward.twin import certificates
from tests.racing import at_once


def names_in(file: Path) -> set[str]:
    """The names and addresses that a certificate is good for."""
    certificate = x509.load_pem_x509_certificates(file.read_bytes())[0]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def is_trusted(folder: Path, file: Path, name: str) -> bool:
    """Whether a client that trusts the authority accepts the certificate for a name: a handshake in memory."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(file)
    client_side = ssl.create_default_context(cafile=str(certificates.ca_file(folder)))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
    return client.version() is not None


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "demo.docusign.test"])
def test_a_client_that_trusts_the_authority_accepts_it(tmp_path: Path, name: str) -> None:
    """Loopback by name and by address, and every further name, stand in the certificate."""
    file = certificates.ensure(tmp_path, "demo", ("demo.docusign.test",))

    assert is_trusted(tmp_path, file, name)
    assert not is_trusted(tmp_path, file, "www.docusign.test")


def test_what_is_good_stays(tmp_path: Path) -> None:
    """A certificate whose names are wanted as they are is not made anew."""
    before = certificates.ensure(tmp_path, "demo", ("b.test", "a.test")).read_bytes()

    assert certificates.ensure(tmp_path, "demo", ("a.test", "b.test")).read_bytes() == before


def test_other_names_make_it_anew_by_the_same_authority(tmp_path: Path) -> None:
    """A new name appears, an old one goes, and whoever trusts the authority need not trust it again."""
    certificates.ensure(tmp_path, "demo", ("old.test",))
    authority = certificates.ca_file(tmp_path).read_bytes()

    file = certificates.ensure(tmp_path, "demo", ("new.test",))

    assert names_in(file) == {"localhost", "127.0.0.1", "::1", "new.test"}
    assert certificates.ca_file(tmp_path).read_bytes() == authority
    assert is_trusted(tmp_path, file, "new.test")


@pytest.mark.parametrize(("days", "stays"), [(29, False), (31, True)])
def test_one_that_runs_out_is_made_anew(tmp_path: Path, days: int, stays: bool) -> None:
    """With fewer than 30 days left it is replaced."""
    file = certificates.ensure(tmp_path, "demo", ())
    key = (tmp_path / "ca-key.pem").read_bytes()
    authority = trustme.CA.from_pem(certificates.ca_file(tmp_path).read_bytes(), key)
    expires = datetime.now(UTC) + timedelta(days=days)
    old = authority.issue_cert(
        "localhost", "127.0.0.1", "::1", not_after=expires
    ).private_key_and_cert_chain_pem.bytes()
    file.write_bytes(old)

    assert (certificates.ensure(tmp_path, "demo", ()).read_bytes() == old) is stays


def test_every_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Keys and certificates have mode 0600."""
    certificates.ensure(tmp_path, "demo", ())

    assert {oct(file.stat().st_mode & 0o777) for file in tmp_path.glob("*.pem")} == {oct(0o600)}
    assert {file.name for file in tmp_path.glob("*.pem")} == {"ca.pem", "ca-key.pem", "demo.pem"}


def test_commands_that_start_together_make_one_authority(tmp_path: Path) -> None:
    """However many ask at once, key and chain belong together and every certificate is trusted."""
    answered, refused = at_once(lambda number: certificates.ensure(tmp_path, f"environment-{number % 4}", ()), 8)

    assert (len(answered), refused) == (8, [])
    assert [file for file in set(answered) if not is_trusted(tmp_path, file, "localhost")] == []


def test_a_key_of_another_certificate_is_replaced(tmp_path: Path) -> None:
    """A file whose key and certificate do not fit is made anew instead of failing the start."""
    demo = certificates.ensure(tmp_path, "demo", ())
    other = certificates.ensure(tmp_path, "production", ())
    key = other.read_text().partition("-----BEGIN CERTIFICATE")[0]
    demo.write_text(key + demo.read_text()[demo.read_text().index("-----BEGIN CERTIFICATE") :])
    made_anew = certificates.ensure(tmp_path, "demo", ())

    assert made_anew.read_text().partition("-----BEGIN CERTIFICATE")[0] != key
