"""How do these tests call the old way, and bring an environment into a phase of its retirement?"""

import json
from typing import Any

from sqlalchemy import func, select

from keysteward.actions import legacy, policy
from keysteward.actions.context import Context
from keysteward.rules.legacy_forms import HEADER
from keysteward.rules.signin import Source
from keysteward.store.tables import calls, legacy_calls
from tests.cast import PASSWORD, SAM, Made, Person

HERE = Source("192.0.2.7", "Old client/1.0")
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"


def bring_to(ctx: Context, *steps: tuple[str, str], **more: object) -> None:
    """Let an environment go through phases: each with the date from which it applies, the first with none."""
    phases = [{"phase": phase} | ({"from": since} if since else {}) for phase, since in steps]
    document = {"legacy_phases": phases} | more
    policy.apply(ctx, document, author="Olga", reason="The plan.", second="Otto")


def in_json(made: Made, person: Person = SAM, password: str = PASSWORD, user: str = "") -> dict[str, str]:
    """The header in JSON."""
    login = {"Username": user or person.email, "Password": password, "IntegratorKey": made.key}
    return {HEADER: json.dumps(login)}


def in_xml(made: Made, person: Person = SAM, password: str = PASSWORD) -> dict[str, str]:
    """The header in XML."""
    fields = (("Username", person.email), ("Password", password), ("IntegratorKey", f"ABCD-{made.key}"))
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields)
    return {HEADER: f"<DocuSignCredentials>{inner}</DocuSignCredentials>"}


def in_soap(made: Made, person: Person = SAM, password: str = PASSWORD, *, body: str = "<Ping/>") -> bytes:
    """A SOAP message with a UsernameToken."""
    token = f"<w:Username>[{made.key}]{person.email}</w:Username><w:Password>{password}</w:Password>"
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:w="{WSSE}"><s:Header><w:Security>'
        f"<w:UsernameToken>{token}</w:UsernameToken></w:Security></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def admitted(ctx: Context, made: Made, person: Person = SAM, **how: Any) -> legacy.Admitted:  # noqa: ANN401 — as in_json
    """Somebody admitted by the header."""
    return legacy.admit_header(ctx, in_json(made, person, **how)[HEADER], HERE, "Java 4.4")


def counted(ctx: Context) -> list[tuple[str, int, int]]:
    """Who was counted, and how often their calls passed and were refused, on all days."""
    columns = (legacy_calls.c.user, func.sum(legacy_calls.c.passed), func.sum(legacy_calls.c.refused))
    query = select(*columns).group_by(legacy_calls.c.user).order_by(legacy_calls.c.user)
    with ctx.database.reading() as tx:
        return [(user, int(passed), int(refused)) for user, passed, refused in tx.execute(query)]


def api_calls(ctx: Context) -> int:
    """How many API calls are on record."""
    with ctx.database.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(calls)).scalar_one())
