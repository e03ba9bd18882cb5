"""How does a form that came after its session wait for whoever filled it in?"""

import msgspec
from cryptography.exceptions import InvalidTag

from keysteward.actions.context import Context
from keysteward.rules.kept_forms import LIFE, MOST_BYTES, MOST_OF_A_USER, KeptForm
from keysteward.rules.shapes import known
from keysteward.rules.words import new_guid
from keysteward.store import accounts, kept_forms
from keysteward.store.database import lock
from keysteward.store.kept_forms import Kept


def keep(ctx: Context, user: str, form: KeptForm) -> str | None:
    """Keep a form for its user, sealed; return the name that finds it, or None where it is too large, or they are gone.

    The newest few of a user are kept, each for half an hour.
    """
    if form.size > MOST_BYTES:
        return None
    name = new_guid()
    sealed = ctx.sealer.seal(msgspec.json.encode(form), _label(user))
    with ctx.database.writing() as tx:
        lock(tx, "user", user)
        found = accounts.find_user(tx, user)
        if found is None or found.state != "active":
            return None
        kept_forms.save(tx, Kept(ctx.digester.digest(name), user, sealed, ctx.now + LIFE), MOST_OF_A_USER)
    return name


def find(ctx: Context, user: str, unverified_name: str) -> KeptForm | None:
    """The form of this name, for the user who filled it in and for nobody else, while it is kept."""
    with ctx.database.reading() as tx:
        kept = kept_forms.find(tx, ctx.digester.digests(unverified_name), user)
    if kept is None or ctx.now >= kept.expires_at:
        return None
    try:
        plain = ctx.sealer.open(kept.form_sealed, _label(user))
    except InvalidTag:
        return None  # sealed under a master key that is not in use any more
    return msgspec.json.decode(plain, type=known(KeptForm))


def _label(user: str) -> str:
    return f"form that {user} filled in"
