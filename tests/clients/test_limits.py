"""What do the official SDKs say when an account has called enough? They return at once, with code and trace token."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docusign_esign as ds
import pytest
from docusign_esign.client.api_exception import ApiException

from keysteward.actions import limits
from keysteward.rules.limits import Wish
from tests.cast import ACME, Made, Town
from tests.clients.test_node import NODE, PROGRAMS
from tests.gateway.peer import Gate, gate
from tests.setup.install import NODE as PACKAGES

HOURLY, BURST = "HOURLY_APIINVOCATION_LIMIT_EXCEEDED", "BURST_APIINVOCATION_LIMIT_EXCEEDED"


@pytest.fixture
def opened(town: Town, made: Made) -> Iterator[Gate]:
    """A gateway whose account may make one call an hour."""
    limits.set_limits(town.demo, ACME.demo, Wish(hourly=1), "Olga", "Little.")
    with gate(town, made) as opened:
        yield opened


def test_the_python_sdk_says_which_limit_it_was(opened: Gate) -> None:
    """The exception carries status, code, headers and trace token; none of them makes the SDK wait."""
    client = ds.ApiClient(f"{opened.address}/restapi", "Authorization", f"Bearer {opened.token}")
    envelopes = ds.EnvelopesApi(client)
    envelopes.list_status_changes(ACME.demo, from_date="2026-01-01")
    with pytest.raises(ApiException) as raised:
        envelopes.list_status_changes(ACME.demo, from_date="2026-01-01")
    limits.set_limits(opened.ctx, ACME.demo, Wish(hourly=0, burst=1), "Olga", "Little.")
    with pytest.raises(ApiException) as in_a_burst:
        envelopes.list_status_changes(ACME.demo, from_date="2026-01-01")

    assert (raised.value.status, json.loads(raised.value.body)["errorCode"]) == (429, HOURLY)
    assert raised.value.headers["X-RateLimit-Remaining"] == "0"
    assert raised.value.trace_token == opened.recorded()[1].trace
    assert json.loads(in_a_burst.value.body)["errorCode"] == BURST
    assert "Retry-After" not in raised.value.headers


def test_the_node_sdk_says_which_limit_it_was(opened: Gate) -> None:
    """Likewise."""
    variables = {"NODE_CLIENTS": str(PACKAGES), "BASE": f"{opened.address}/restapi", "TOKEN": opened.token}
    command: list[str | Path] = [NODE, PROGRAMS / "limited.mjs", ACME.demo]
    done = subprocess.run(command, env=variables, capture_output=True, check=False, text=True, timeout=60)

    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "status": 429,
        "code": HOURLY,
        "remaining": "0",
        "retryAfter": None,
        "trace": opened.recorded()[0].trace,
    }
