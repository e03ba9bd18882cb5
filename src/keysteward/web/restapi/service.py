"""What is this service, for whoever asks without a token? And what of logging in the old way?"""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

from keysteward.rules.accounts import Standing
from keysteward.web.answers import json_answer
from keysteward.web.reading import context
from keysteward.web.restapi.calling import Ask, for_user
from keysteward.web.restapi.query import is_on
from keysteward.web.restapi.versions import VERSIONS
from keysteward.web.restapi.wording import switch

_RESOURCES = ("accounts", "billing_plans", "diagnostics", "login_information")


async def service_information(request: Request) -> Response:
    """`GET /restapi/service_information` and `/restapi`: the versions that are answered."""
    origin = context(request).origin
    return json_answer(
        {
            "buildBranch": "",
            "buildBranchDeployedDateTime": "",
            "buildSHA": "",
            "buildVersion": version("keysteward"),
            "linkedSites": [origin],
            "serviceVersions": [{"version": each, "versionUrl": f"{origin}/restapi/{each}"} for each in VERSIONS],
        }
    )


async def resources(request: Request) -> Response:
    """`GET /restapi/{version}`: what there is below a version."""
    base = f"{context(request).origin}/restapi/{request.path_params['version']}"
    return json_answer({"resources": [{"name": name, "value": f"{base}/{name}"} for name in _RESOURCES]})


async def legacy_token(request: Request) -> Response:
    """`POST /restapi/{version}/oauth2/token` and `/revoke`: the old SDK methods send no parameter that could work."""
    del request
    body = {"error": "invalid_token", "error_description": "The presented token is invalid."}
    return json_answer(body, 400)


@for_user
def login_information(ask: Ask, standings: list[Standing]) -> object:
    """`GET /restapi/{version}/login_information`: the user's accounts, as userinfo names them, and where each is."""
    there = [standing for standing in standings if standing.account.state != "closed"]
    found: dict[str, object] = {"loginAccounts": [_login_account(ask, standing) for standing in there]}
    if is_on(ask.query, "api_password"):
        found["apiPassword"] = ""  # there are none: passwords open no API
    return found


def _login_account(ask: Ask, standing: Standing) -> dict[str, object]:
    account, user = standing.account, standing.user
    named = account.id if is_on(ask.query, "embed_account_id_guid") else str(account.number)
    shown: dict[str, object] = {
        "name": account.name,
        "accountId": str(account.number),
        "siteDescription": "",
        "baseUrl": f"{ask.ctx.origin}/restapi/{ask.path['version']}/accounts/{named}",
        "isDefault": switch(account.id == user.default_account),
        "userName": user.name,
        "userId": user.id,
        "email": user.email,
    }
    if is_on(ask.query, "include_account_id_guid"):
        shown["accountIdGuid"] = account.id
    if ask.query.get("login_settings", "").lower() == "all":
        shown |= {"loginAccountSettings": [], "loginUserSettings": []}
    return shown
