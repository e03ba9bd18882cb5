"""Does the gateway's guide work as it is written?"""

import re
import threading
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import requests

from keysteward.actions import policy
from keysteward.cli.declaring import read_checked
from keysteward.rules.policy import DEFAULT
from keysteward.rules.policy_text import read
from tests.cast import ACME, SAM, Made, Town
from tests.gateway.peer import gate_before

GUIDE = (Path(__file__).parents[2] / "docs/guides/gateway.md").read_text()


def block(begins: str) -> str:
    """A block of the guide that begins so."""
    (found,) = re.findall(rf"```\w+\n({re.escape(begins)}.*?)```", GUIDE, re.DOTALL)
    return str(found)


@contextmanager
def orders(town: Town) -> Iterator[tuple[dict[str, Any], str]]:
    """The guide's API on a free port, and its names."""
    written: dict[str, Any] = {"__name__": "orders"}
    exec(block("# orders.py"), written)  # noqa: S102 — our own guide
    written["ISSUER"] = town.demo.issuer
    written["Orders"].log_message = lambda *_: None
    with closing(_server(written["Orders"])) as server:
        yield written, f"http://127.0.0.1:{server.server_port}"


class _Server(ThreadingHTTPServer):
    def close(self) -> None:
        self.shutdown()
        self.server_close()


def _server(handler: Any) -> _Server:  # noqa: ANN401 — a class that the guide makes
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever).start()
    return server


def test_the_api_of_the_guide_believes_the_gateway_and_nobody_else(town: Town, made: Made) -> None:
    """It says who calls, by the gateway's word alone: without it, with another's or with two of them it is 401."""
    town.clock.now = datetime.now(UTC)
    with orders(town) as (written, api), gate_before("http://127.0.0.1:1", town, made) as opened:
        written["KEYS"] = jwt.PyJWKClient(f"{opened.address}/.well-known/keysteward-calls")
        (declared,) = tomllib.loads(block("# orders.toml"))["demo"]["policies"]
        (route,) = declared["numbers"]["routes"]
        policy.apply(town.demo, {"routes": [route | {"upstream": api}]}, author="Olga", reason="A guide.")
        path = f"/orders/v1/accounts/{ACME.demo}/orders/7"
        answer = requests.get(opened.address + path, headers={"Authorization": f"Bearer {opened.token}"}, timeout=30)
        direct = requests.get(api + path, headers={"X-Keysteward-Call": opened.token}, timeout=30)
        nothing = requests.get(api + path, timeout=30)

    assert (answer.status_code, answer.json()) == (200, {"for": SAM.email, "path": path})
    assert (direct.status_code, nothing.status_code) == (401, 401)


def test_the_files_of_the_guide_can_be_applied(tmp_path: Path) -> None:
    """Both its seed and its routes are read without complaint, and every field of a route is explained."""
    seed = tmp_path / "orders.toml"
    seed.write_text(block("# orders.toml"))
    routes = read(tomllib.loads(block("# routes.toml")), DEFAULT).routes

    assert read_checked(seed) is not None
    assert [route.name for route in routes] == ["orders", "orders-lists", "reports"]
