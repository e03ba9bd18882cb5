"""What does an app learn of its user?"""

from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import callers
from keysteward.actions.quickly import quickly
from keysteward.rules.refusals import NO_TOKEN, Refusal
from keysteward.web.answers import NO_STORE, json_answer
from keysteward.web.cors import allow_origin
from keysteward.web.reading import context


async def userinfo(request: Request) -> Response:
    """`GET /oauth/userinfo`: who the token's user is, and their accounts."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise Refusal(NO_TOKEN)
    ctx = context(request)
    profile = await quickly(ctx, callers.profile, value.strip())
    await allow_origin(request, profile.key)
    user = profile.user
    return json_answer(
        {
            "sub": user.id,
            "name": user.name,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "created": user.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-4],
            "email": user.email,
            "email_verified": user.email_verified,
            "accounts": [_account(ctx.origin, profile, position) for position in range(len(profile.standings))],
        },
        200,
        NO_STORE,
    )


def _account(origin: str, profile: callers.Profile, position: int) -> dict[str, object]:
    account = profile.standings[position].account
    shown: dict[str, object] = {
        "account_id": account.id,
        "is_default": position == 0,
        "account_name": account.name,
        "base_uri": origin,
    }
    if account.organization in profile.organizations:
        href = f"{origin}/management/v2/organizations/{account.organization}"
        shown["organization"] = {"organization_id": account.organization, "links": [{"rel": "self", "href": href}]}
    return shown
