"""Which permission profiles does the account in use have, and how are its own made?"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import profiles
from keysteward.actions.context import Context
from keysteward.actions.profiles import Draft
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Profile
from keysteward.rules.people import GRANTABLE
from keysteward.rules.refusals import Refusal
from keysteward.web.pages.conflicts import Field, came_back, is_late, tell
from keysteward.web.pages.forms import Slip, arrived, done, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.members import says
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.reading import context, read_pairs, single
from keysteward.web.showing import show

_PAGE = "/members/profiles"
_SHORT = {name: re.split("[(,.]", words)[0].strip() for name, words in GRANTABLE.items()}
_OWN = Table(
    "profiles",
    (Column("Profile", "name", is_shown=False), Column("What it allows", "allows", sorts=False, is_shown=False)),
    ("name",),
    "Name",
    (Filter("permissions", "Allows", _SHORT, "Anything"),),
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /members/profiles`."""
    return await _shown(request, visitor, arrived(request))


@for_visitors
async def make(request: Request, visitor: Visitor) -> Response:
    """`POST /members/profiles`: one of the account's own."""
    draft = await _draft_of(request)
    deed = partial(profiles.make, context(request), visitor.actor, account_in_use(visitor).account.id, draft)
    return await _do(request, visitor, deed, draft, "profile-made")


@form_of(_PAGE)
async def change(request: Request, visitor: Visitor) -> Response:
    """`POST /members/profiles/{profile}`: another name, other permissions, for whoever has it."""
    account, draft = account_in_use(visitor).account.id, await _draft_of(request)
    profile = int(request.path_params["profile"])
    deed = partial(profiles.change, context(request), visitor.actor, account, profile, draft)
    try:
        return await _do(request, visitor, deed, draft._replace(name=""), "profile-changed")
    except Refusal as refusal:
        if not is_late(refusal):
            raise
        return await _late(request, visitor, profile, draft, refusal)


@form_of(_PAGE)
async def remove(request: Request, visitor: Visitor) -> Response:
    """`POST /members/profiles/{profile}/remove`: one that nobody has."""
    account, profile = account_in_use(visitor).account.id, int(request.path_params["profile"])
    deed = partial(profiles.remove, context(request), visitor.actor, account, profile)
    return await _do(request, visitor, deed, Draft("", frozenset()), "profile-removed")


async def _late(request: Request, visitor: Visitor, profile: int, draft: Draft, refusal: Refusal) -> Response:
    """The page with what somebody else made of the profile, and with what was typed in its form."""
    values = await run_in_threadpool(_values, context(request), visitor)
    now = next((each for each in values["own"] if each["id"] == profile), None)
    if now is None:
        raise refusal
    fields = [
        Field("Name", now["name"], draft.name),
        Field("What it allows", _said(now["permissions"]), _said(draft.permissions)),
    ]
    tell(request, refusal, _PAGE, fields)
    return await _shown(request, visitor, came_back(refusal, {"changed": {profile: draft}}))


def _said(permissions: frozenset[str]) -> str:
    return " ".join(words for name, words in GRANTABLE.items() if name in permissions) or "Nothing"


async def _draft_of(request: Request) -> Draft:
    pairs = await read_pairs(request)
    wanted = frozenset(value for name, value in pairs if name == "permissions")
    others = single([pair for pair in pairs if pair[0] != "permissions"])
    return Draft(others.get("name", ""), wanted, others.get("version"))


async def _do(request: Request, visitor: Visitor, deed: Callable[[], object], draft: Draft, what: str) -> Response:
    try:
        await run_in_threadpool(deed)
    except Refusal as refusal:
        if is_late(refusal):
            raise
        return await _shown(request, visitor, refused(refusal, draft._asdict(), "name", "permissions"))
    return done(_PAGE, what)


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    values = await run_in_threadpool(_values, context(request), visitor)
    typed = {"name": "", "permissions": frozenset(), "changed": {}} | dict(slip.values)
    listing = read(request, _OWN, _PAGE)
    part = listing.arranged(values["own"])
    if listing.is_download:
        return listing.download(part.rows)
    values |= {"own": part.rows, "listing": listing.shown(part)}
    said = values | {"values": typed, "errors": slip.errors, "choices": GRANTABLE}
    return show(request, "permission_profiles.html", said, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(ctx: Context, visitor: Visitor) -> dict[str, Any]:
    own = account_in_use(visitor)
    found = profiles.list_profiles(ctx, visitor.actor, own.account.id)
    return {
        "everywhere": [{"name": each.name, "says": says(each)} for each in found if not each.account],
        "own": [_own(each) for each in found if each.account],
        "may_change": own.is_admin and own.account.state == "open",
    }


def _own(profile: Profile) -> dict[str, Any]:
    allows = _said(profile.permissions)
    return {"id": profile.id, "name": profile.name, "permissions": profile.permissions, "allows": allows}
