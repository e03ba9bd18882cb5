"""What of declared limits and gateways can be seen to be wrong before anything is applied?"""

from collections.abc import Sequence
from datetime import UTC, datetime

from keysteward.rules.limits import Override, granted
from keysteward.rules.refusals import Refusal
from keysteward.twin.declared.problems import Complaints, of_refusal
from keysteward.twin.declared.shapes import Gateway, Limits
from keysteward.twin.declared.traffic import wish_of

_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def check_limits(complaints: Complaints, path: str, declared: Sequence[Limits]) -> None:
    """The limits of an account, each with what those before it left."""
    before: Override | None = None
    for number, each in enumerate(declared):
        at = f"{path}[{number}]"
        complaints.check_text(f"{at}.by", each.by)
        complaints.check_text(f"{at}.reason", each.reason, most=500)
        complaints.check_moment(f"{at}.created", each.created)
        try:
            before = Override("", number, *granted(before, wish_of(each)), each.reason, each.by, _SOME_DAY)
        except Refusal as refusal:
            complaints.problems.append(of_refusal(at, refusal, is_field=False))


def check_gateways(complaints: Complaints, path: str, declared: Sequence[Gateway]) -> None:
    """The gateways of an environment, each with a name of its own."""
    for number, gateway in enumerate(declared):
        at = f"{path}[{number}]"
        complaints.check_text(f"{at}.name", gateway.name)
        complaints.check_text(f"{at}.by", gateway.by)
        complaints.check_moment(f"{at}.created", gateway.created)
    names = ((f"{path}[{number}].name", " ".join(each.name.split())) for number, each in enumerate(declared))
    complaints.check_doubles(names)
