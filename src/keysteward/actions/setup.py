"""How does the first person come into an environment that nobody is in?"""

import secrets
from dataclasses import replace

from keysteward.actions.accounts import hold_new, opened
from keysteward.actions.context import Context
from keysteward.rules.accounts import NewUser, Standing, checked_password
from keysteward.rules.first_run import Done
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import ALREADY_SET_UP, WRONG_SETUP_CODE, Refusal
from keysteward.store import accounts, first_run, signin
from keysteward.store.database import lock

_CODE_PARTS = 5


def make_code(ctx: Context) -> str | None:
    """A code for the setup page, in the place of any older one; None where somebody is here already."""
    code = "-".join(secrets.token_hex(2) for _ in range(_CODE_PARTS))
    with ctx.database.writing() as tx:
        lock(tx, "organization", "of the first account")
        if accounts.has_users(tx):
            return None
        signin.save_setup_code(tx, ctx.digester.digest(code), ctx.now)
    return code


def is_needed(ctx: Context) -> bool:
    """Whether nobody is here yet."""
    with ctx.database.reading() as tx:
        return not accounts.has_users(tx)


def set_up(ctx: Context, unverified_code: str, account: str, plan: str, first_admin: NewUser) -> Standing:
    """Open the first account with the code of the setup page, which is used once."""
    return _found(ctx, account, plan, first_admin, ctx.digester.digest(unverified_code.strip().lower()))


def bootstrap(ctx: Context, account: str, plan: str, first_admin: NewUser) -> Standing:
    """Open the first account without a code: for whoever may write to the database anyway."""
    return _found(ctx, account, plan, first_admin, None)


def _found(ctx: Context, account: str, plan: str, first_admin: NewUser, code_digest: str | None) -> Standing:
    name = checked_text(account, "account", most=100)
    admin = replace(
        first_admin,
        first_name=checked_text(first_admin.first_name, "first_name", most=100),
        last_name=checked_text(first_admin.last_name, "last_name", most=100),
        password=checked_password(first_admin.password or ""),
    )
    with ctx.database.writing() as tx:
        lock(tx, "organization", "of the first account")
        hold_new(tx, admin.email)
        if accounts.has_users(tx):
            raise Refusal(ALREADY_SET_UP)
        if code_digest is not None and not signin.burn_setup_code(tx, code_digest):
            raise Refusal(WRONG_SETUP_CODE)
        first_run.save(tx, Done("account", admin.email, ctx.now, ""))
        return opened(ctx, tx, name, plan, admin)
