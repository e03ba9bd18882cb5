"""How do these tests let strangers open demo accounts?"""

from keysteward.actions import policy, sign_ups
from keysteward.actions.context import Context
from keysteward.actions.invitations import Newcomer
from tests.cast import PASSWORD
from tests.mails import link_to

NINA = "nina@parcels.example"
NEWCOMER = Newcomer("Nina", "New", PASSWORD)


def let_everybody_in(ctx: Context, **more: object) -> None:
    """From now on a proved address is enough."""
    policy.apply(ctx, {"sign_up": "open"} | more, author="Olga", reason="Come in.", second="Otto")


def asked(ctx: Context, email: str = NINA, account: str = "Parcels") -> str:
    """The link that somebody gets who asks for an account."""
    sign_ups.ask(ctx, email, account)
    return link_to(ctx, email)
