"""How are an app's calls said in a file? One like the other, at equal times apart, stand together."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from keysteward.actions.export import Registered
from keysteward.rules.calls import Call, exact_url, is_countable
from keysteward.rules.policy import Policy
from keysteward.rules.routes import route_of
from keysteward.twin.declared.history import usual_status
from keysteward.twin.declared.moments import say_duration, say_moment
from keysteward.twin.declared.place import Place
from keysteward.twin.declared.references import ENVELOPES, account_in
from keysteward.twin.declared.shapes_apps import Calls

_MOST = 100_000
_REDACTED = "=…"


@dataclass
class _Run:
    """Calls one like the other, at equal times apart."""

    facts: Calls
    first: datetime
    last: datetime
    count: int = 1

    @property
    def spacing(self) -> timedelta:
        return (self.last - self.first) / max(self.count - 1, 1)

    def takes(self, facts: Calls, at: datetime) -> bool:
        is_next = at >= self.last if self.count == 1 else at - self.last == self.spacing
        return facts == self.facts and is_next and self.count < _MOST

    def said(self) -> Calls:
        said = replace(self.facts, count=self.count, last=say_moment(self.last))
        return replace(said, spacing=say_duration(self.spacing)) if self.count > 1 else said


class _Variants:
    """Tells apart addresses of which only the names in the query are kept.

    Values are not kept, so each variant of such an address is numbered: the same one has the same number.
    """

    def __init__(self) -> None:
        self._digests: dict[str, dict[str, int]] = {}

    def path(self, call: Call) -> str:
        """The path and query of a call, with a number in the place of each value."""
        path, _, query = call.url.partition("?")
        known = self._digests.setdefault(exact_url(path, query), {})
        number = known.setdefault(call.url_digest, len(known) + 1)
        return call.url.replace(_REDACTED, f"={number}")


def calls_of(registered: Registered, place: Place, creator: str | None) -> list[Calls]:
    """An app's calls as a file says them, oldest first. `creator` is whose calls need not say so."""
    variants, runs = _Variants(), list[_Run]()
    for call in registered.calls:
        facts = _facts(call, variants.path(call), place, registered.app.account)
        facts.user = None if call.user and place.emails.get(call.user) == creator else place.emails.get(call.user, "")
        if runs and runs[-1].takes(facts, call.at):
            runs[-1].last, runs[-1].count = call.at, runs[-1].count + 1
        else:
            runs.append(_Run(facts, call.at, call.at))
    return [run.said() for run in runs]


def _facts(call: Call, path: str, place: Place, account: str) -> Calls:
    return Calls(
        method=call.method,
        path=None if path == ENVELOPES.replace("{account}", account) else path,
        status=None if call.status == usual_status(call.method) else call.status,
        error_code=call.error_code,
        by_gateway=_is_by_gateway(call, place.policy_at(call.at)),
        account=None if call.account == account_in(path, place.names) else call.account,
        sdk=call.sdk,
    )


def _is_by_gateway(call: Call, policy: Policy) -> bool:
    """Whether the record of a call can only stem from an answer of the gateway itself."""
    route = route_of(policy, call.url.partition("?")[0])
    as_upstream = is_countable(route, call.status, policy, by_upstream=True, operation=call.operation)
    return as_upstream != (call.countable, call.why_not)
