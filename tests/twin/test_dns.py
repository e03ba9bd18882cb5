"""Does DNS say in a twin what somebody said there, and are claimed domains judged by it?"""

import json
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keysteward.actions import domains
from keysteward.actions.context import Context
from keysteward.outgoing.dns import Unanswered
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Domain
from keysteward.rules.domains import records_of
from keysteward.rules.refusals import DOMAIN_NOT_ACTIVE, INVALID_FIELD
from keysteward.twin import control
from keysteward.twin.clock import TwinClock
from keysteward.twin.dns import MOST_NAMES, Name, TwinDns
from keysteward.twin.faults import Arsenal
from keysteward.twin.folder import Damaged, Folder
from keysteward.web.app import Door, Web
from tests.alone import alone
from tests.cast import CY, ORGANIZATION, Town, refused

OURS = ORGANIZATION["demo"]


@pytest.fixture
def dns(tmp_path: Path) -> TwinDns:
    """What DNS says in a twin, to whom nobody has said anything."""
    return TwinDns(tmp_path / "dns.json")


@pytest.fixture
def ctx(town: Town, dns: TwinDns) -> Context:
    """Demo of a twin."""
    return replace(town.demo, resolver=dns)


@pytest.fixture
def cy(town: Town) -> Actor:
    """Cy, who administers the organization."""
    return town.actor(CY)


@pytest.fixture
def claimed(ctx: Context, cy: Actor) -> Domain:
    """A domain that was claimed in the console."""
    return domains.claim(ctx, cy, OURS, "docs.example")


def seen(ctx: Context, cy: Actor, domain: Domain) -> tuple[str, str]:
    """Its state once DNS was asked, and what DNS answered."""
    found = domains.check(ctx, cy, OURS, domain.id)
    return found.state, found.outcome


def test_a_claim_is_proved_lapses_and_recovers(ctx: Context, cy: Actor, dns: TwinDns, claimed: Domain) -> None:
    """Each look goes by what was said last; silence ends nothing, and what nobody spoke of stays as it is."""
    txt, cname = records_of(claimed, ctx.proving)
    states = [seen(ctx, cy, claimed)]
    for names in (
        {txt.name: Name(txt=("v=spf1 -all", txt.value))},
        {txt.name: Name(trouble="timeout")},
        {txt.name: Name()},
        {cname.name: Name(cname=f"{cname.value.upper()}.")},
        {txt.name: Name(trouble="nxdomain")},
        {},
    ):
        dns.put(names)
        states.append(seen(ctx, cy, claimed))

    assert states == [
        ("pending", "none"),
        ("active", "right"),
        ("active", "unanswered"),
        ("lapsed", "none"),
        ("active", "right"),
        ("lapsed", "none"),
        ("lapsed", "none"),
    ]


def test_a_deed_that_relies_on_a_domain_goes_by_it(ctx: Context, dns: TwinDns) -> None:
    """A declared domain is confirmed as long as nobody says otherwise; silence confirms nothing."""
    confirmed = domains.confirm(ctx, OURS, "acme.example")
    with ctx.database.writing() as tx:
        assert domains.demand_active(ctx, tx, confirmed).state == "active"

    dns.put({"acme.example": Name(trouble="servfail")})
    confirmed = domains.confirm(ctx, OURS, "acme.example")
    with ctx.database.writing() as tx, refused(DOMAIN_NOT_ACTIVE):
        domains.demand_active(ctx, tx, confirmed)


def test_a_look_in_time_that_was_taken_back_is_none(
    town: Town, ctx: Context, cy: Actor, dns: TwinDns, claimed: Domain
) -> None:
    """Whoever travels to and fro is told what DNS says now; a look of a moment ago stands against an older one."""
    town.clock.advance(days=95)
    assert seen(ctx, cy, claimed) == ("pending", "none")
    town.clock.advance(days=-95)
    before = domains.look(ctx, claimed)
    dns.put({records_of(claimed, ctx.proving)[0].name: Name(txt=(records_of(claimed, ctx.proving)[0].value,))})
    assert seen(ctx, cy, claimed) == ("active", "right")

    town.clock.advance(seconds=1)
    assert seen(ctx, cy, claimed) == ("active", "right")
    assert domains.keep(ctx, claimed, before).state == "active"


def test_whoever_looks_is_told_how_to_say_it(ctx: Context, cy: Actor, claimed: Domain) -> None:
    """What the page shows of a claim names the control."""
    assert "PUT /_dev/dns" in domains.check(ctx, cy, OURS, claimed.id).said


def test_names_are_as_dns_has_them(dns: TwinDns) -> None:
    """Capitals and other alphabets do not matter; an unknown name has nothing, and one in trouble no answer."""
    dns.put({"Bücher.Example.": Name(txt=("a", "b")), "alias.example": Name(cname="There.Example.")})
    dns.add({"slow.example": Name(trouble="timeout"), "broken.example": Name(trouble="servfail")})

    assert dns.ask("xn--bcher-kva.example", "TXT") == ("a", "b")
    assert (dns.ask("alias.example", "CNAME"), dns.ask("alias.example", "TXT")) == (("there.example",), ())
    assert (dns.ask("unknown.example", "TXT"), dns.knows(["unknown.example"])) == ((), False)
    assert dns.knows(["unknown.example", "ALIAS.example"])
    for name, reason in (("slow.example", "did not answer within 5 seconds"), ("broken.example", "SERVFAIL")):
        with pytest.raises(Unanswered, match=reason):
            dns.ask(name, "TXT")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", Name()),
        ("a..example", Name()),
        ("a" * 64 + ".example", Name()),
        ("acme.example", Name(txt=("a",), cname="there.example")),
        ("acme.example", Name(txt=("a",), trouble="timeout")),
        ("acme.example", Name(cname="there.example", trouble="servfail")),
    ],
    ids=["nothing", "an empty label", "a long label", "an alias with records", "trouble with records", "trouble twice"],
)
def test_what_no_name_server_would_take_is_refused(dns: TwinDns, name: str, said: Name) -> None:
    """Then nothing is changed."""
    with refused(INVALID_FIELD, "names.acme.example" if name == "acme.example" else "names"):
        dns.add({name: said})
    assert dns.listed() == {}


def test_there_is_an_end_to_what_can_be_said(dns: TwinDns) -> None:
    """Names that are added count with those that are there."""
    dns.put({f"{number}.example": Name() for number in range(MOST_NAMES)})
    dns.add({"0.example": Name(txt=("a",))})
    with refused(INVALID_FIELD, "names"):
        dns.add({"acme.example": Name()})


def test_it_outlives_a_restart_and_not_a_reset(tmp_path: Path) -> None:
    """It lies in the twin's folder, for its owner alone; what is not ours is told, not guessed."""
    folder = Folder(tmp_path / "twin")
    folder.prepare()
    folder.load_dns().put({"acme.example": Name(txt=("a",))})
    assert folder.load_dns().ask("acme.example", "TXT") == ("a",)
    assert folder.dns.stat().st_mode & 0o777 == 0o600

    folder.clear()
    assert folder.load_dns().listed() == {}
    folder.dns.write_text("[]")
    with pytest.raises(Damaged):
        folder.load_dns()


class Control:
    """The control of a twin, asked in this process at the address of one environment."""

    def __init__(self, ctx: Context, dns: TwinDns, folder: Path) -> None:
        clock = TwinClock(folder / "clock.json")
        self._web = Web(ctx, (Door(control.claims, control.build(clock, "the token", Arsenal(), dns)),))
        self._host = ctx.authority.encode()

    def ask(self, method: str, body: object = None, token: str = "the token") -> tuple[int, Any]:
        """The status, and what JSON says."""
        sent = list[Any]()
        headers = [(b"host", self._host), (b"authorization", f"Bearer {token}".encode())]
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "https", "path": "/_dev/dns",
            "raw_path": b"/_dev/dns", "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        alone(self._web(scope, receive, send))
        said = b"".join(message.get("body", b"") for message in sent)
        return sent[0]["status"], json.loads(said) if said else None


def test_the_control_says_it_to_both_environments(town: Town, dns: TwinDns, tmp_path: Path) -> None:
    """PUT says all, POST changes some, GET lists, DELETE forgets; both environments have the same list."""
    demo, production = (Control(ctx, dns, tmp_path) for ctx in (town.demo, town.production))
    put = demo.ask("PUT", {"names": {"A.example": {"txt": ["1"]}, "b.example": {}}})
    added = demo.ask("POST", {"names": {"b.example": {"trouble": "timeout"}}})

    assert put == (200, {"names": {"a.example": {"txt": ["1"]}, "b.example": {}}})
    assert added == (200, {"names": {"a.example": {"txt": ["1"]}, "b.example": {"trouble": "timeout"}}})
    assert production.ask("GET") == added
    assert production.ask("GET", token="another")[0] == 401
    assert (production.ask("DELETE"), demo.ask("GET")) == ((204, None), (200, {"names": {}}))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "malformed"),
        ({"names": {"a.example": {"trouble": "flood"}}}, 400, "malformed"),
        ({"names": {"a.example": {"mx": "1"}}}, 400, "malformed"),
        ({"names": {"a..example": {}}}, 422, "invalid-field"),
    ],
)
def test_what_says_nothing_is_refused(
    town: Town, dns: TwinDns, tmp_path: Path, body: object, status: int, code: str
) -> None:
    """And changes nothing."""
    answered, said = Control(town.demo, dns, tmp_path).ask("PUT", body)

    assert (answered, said["code"], dns.listed()) == (status, code, {})
