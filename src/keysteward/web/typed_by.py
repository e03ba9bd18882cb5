"""Who filled in a form of the console, whoever is signed in when it arrives?"""

import hmac
import re

from keysteward.actions.context import Context
from keysteward.web.reading import TYPED_BY

_FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')


def signed(ctx: Context, html: str, user: str) -> str:
    """The page with a field in each of its forms that says for whom it was made, under our hand."""
    field = f'<input type="hidden" name="{TYPED_BY}" value="{user}.{_hands(ctx, user)[0]}">'
    return _FORM.sub(lambda form: form.group() + field, html)


def typist(ctx: Context, unverified_field: str) -> str | None:
    """The user for whom a form was made; None where it does not say so under our hand."""
    user, _, unverified_hand = unverified_field.partition(".")
    is_ours = any(hmac.compare_digest(hand.encode(), unverified_hand.encode()) for hand in _hands(ctx, user))
    return user if user and is_ours else None


def _hands(ctx: Context, user: str) -> list[str]:
    return [digest[:32] for digest in ctx.digester.digests(f"forms of {user}")]
