"""Is the first operator of an empty environment led through it in a real browser?"""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import PASSWORD
from tests.peers.mailbox import Mailbox, mailbox
from tests.serving.running import Home, Server, printed_code, serving

FIRST = {"account": "Acme", "first_name": "Fay", "last_name": "First", "email": "fay@acme.example"}


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server on loopback."""
    with mailbox() as found:
        yield found


@pytest.fixture
def server(tmp_path: Path, box: Mailbox) -> Iterator[Server]:
    """`keysteward serve` on an empty database, with a certificate and a mail server, and nobody at the other origin."""
    authority, certificate, ca_file = trustme.CA(), tmp_path / "leaf.pem", tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(certificate)
    with socket.create_server(("127.0.0.1", 0)) as free, socket.create_server(("127.0.0.1", 0)) as nobody:
        port, other_port = free.getsockname()[1], nobody.getsockname()[1]
    variables = {
        "KEYSTEWARD_CA_FILE": str(ca_file),
        "KEYSTEWARD_CERTIFICATE_FILE": str(certificate),
        "KEYSTEWARD_LISTEN": f"127.0.0.1:{port}",
        "KEYSTEWARD_SMTP": f"smtp+plain://127.0.0.1:{box.port}",
        "KEYSTEWARD_MAIL_FROM": "keys@acme.example",
    }
    database, other = f"sqlite:///{tmp_path / 'demo.db'}", f"https://localhost:{other_port}"
    home = Home(tmp_path, database, "demo", f"https://localhost:{port}", other, variables)
    with serving(home.make_master_key().migrate()) as found:
        yield found


def press(page: Page, name: str) -> None:
    """Press a button of the page."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def test_an_empty_environment_is_set_up(server: Server, box: Mailbox, window: BrowserContext) -> None:
    """From the printed code to the first invitation: left in the middle, found again on Home, and over at the end."""
    page, origin, main = window.new_page(), server.home.origin, "main"
    page.goto(f"{origin}/setup")
    for name, value in (FIRST | {"code": printed_code(server), "password": PASSWORD}).items():
        page.fill(f"[name={name}]", value)
    press(page, "Open the account")

    expect(page.locator(main)).to_contain_text(f"{origin} leads here")
    expect(page.locator(main)).to_contain_text("It is trusted.")
    expect(page.locator(main)).to_contain_text(f"Nobody answers: {server.home.other_origin}")
    press(page, "Go on")
    expect(page.get_by_label("Least plan")).to_have_value("Business Pro")
    page.goto(origin)
    page.get_by_role("link", name=re.compile("Set up this environment")).click()
    press(page, "Go on")
    press(page, "Send a test mail")
    expect(page.get_by_role("status").filter(has_text="The mail server took it")).to_be_visible()
    assert box.recipients == [FIRST["email"]]
    press(page, "Go on")
    page.get_by_label("Email address of a second admin").fill("sam@acme.example")
    press(page, "Invite as admin")
    expect(page.locator(main)).to_contain_text("sam@acme.example")
    press(page, "Go on")
    expect(page.get_by_role("heading", name="This environment is ready")).to_be_visible()
    page.goto(origin)
    expect(page.locator(main)).not_to_contain_text("Set up this environment")
