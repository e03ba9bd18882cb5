"""What does the eSignature API say of an account: itself, its settings, profiles, groups and plan?"""

from typing import Any

from keysteward.actions import accounts, request_logs
from keysteward.actions import profiles as permission_profiles
from keysteward.rules.accounts import SEND, Profile, Standing
from keysteward.rules.refusals import INVALID_PARAMETER, NO_SUCH_OBJECT, Refusal
from keysteward.web.reading import decode
from keysteward.web.restapi.calling import Ask, for_user, in_account
from keysteward.web.restapi.groups import Group, groups_of, rest_group
from keysteward.web.restapi.paging import rest_page
from keysteward.web.restapi.query import folded, is_on
from keysteward.web.restapi.wording import plan_id, stamp, switch

_LOGGING = "enableApiRequestLogging"


@in_account
def account(ask: Ask, standing: Standing) -> object:
    """`GET …/accounts/{account}`: the account, and on request its settings."""
    found = standing.account
    shown: dict[str, object] = {
        "accountIdGuid": found.id,
        "accountName": found.name,
        "externalAccountId": str(found.number),
        "createdDate": stamp(found.created_at),
        "currentPlanId": plan_id(found.plan),
        "planName": found.plan,
        "planStartDate": stamp(found.created_at),
        "planClassification": found.plan,
        "suspensionStatus": "" if found.state == "open" else found.state,
        "envelopeSendingBlocked": switch(found.state != "open"),
        "canUpgrade": "false",
        "isDowngrade": "false",
        "seatsInUse": str(len(_active_members(ask, standing))),
        "recipientDomains": [],
    }
    if is_on(ask.query, "include_account_settings"):
        shown["accountSettings"] = _settings(standing)
    return shown


@in_account
def settings(ask: Ask, standing: Standing) -> object:
    """`GET …/accounts/{account}/settings`: the few settings that mean something here."""
    return _settings(standing)


@in_account
def profiles(ask: Ask, standing: Standing) -> object:
    """`GET …/accounts/{account}/permission_profiles`."""
    members, unlogged = _active_members(ask, standing), request_logs.list_forbidden(ask.ctx, standing.account.id)
    found = permission_profiles.list_of_account(ask.ctx, standing.account.id)
    return {"permissionProfiles": [_profile(profile, members, unlogged) for profile in found]}


@in_account
def profile(ask: Ask, standing: Standing) -> object:
    """`GET …/accounts/{account}/permission_profiles/{profile}`."""
    return _shown_profile(ask, standing, _named_profile(ask, standing))


@in_account
def change_profile(ask: Ask, standing: Standing) -> object:
    """`PUT …/accounts/{account}/permission_profiles/{profile}`: whether its members may log their requests.

    Clients send back what they read: what differs from it and is no such switch is refused.
    """
    named = _named_profile(ask, standing)
    before = _shown_profile(ask, standing, named)
    wanted = _wanted_logging(decode(ask.body, dict[str, Any]), before)
    if wanted == before["settings"][_LOGGING]:
        return before
    deed = request_logs.allow if wanted == "true" else request_logs.forbid
    deed(ask.ctx, standing.user, standing.account.id, named.id)
    return _shown_profile(ask, standing, named)


@in_account
def groups(ask: Ask, standing: Standing) -> object:
    """`GET …/accounts/{account}/groups`."""
    members = _active_members(ask, standing)
    sought = folded(ask.query, "search_text")
    named = [group for group in groups_of(standing.account) if sought in group.name.casefold()]

    def show(group: Group) -> dict[str, object]:
        count = sum(group.has(member) for member in members)
        counted = {"usersCount": str(count)} if is_on(ask.query, "include_usercount") else {}
        return {**rest_group(group), **counted}

    return rest_page(ask.query, "groups", named, show)


@in_account
def billing_plan(ask: Ask, standing: Standing) -> object:
    """`GET …/accounts/{account}/billing_plan`: the account's own plan."""
    found = standing.account
    own = {
        **_plan(found.plan),
        "planStartDate": stamp(found.created_at),
        "canUpgrade": "false",
        "isDowngrade": "false",
        "addOns": [],
    }
    return {"billingPlan": own, "successorPlans": []}


@for_user
def billing_plans(ask: Ask, standings: list[Standing]) -> object:
    """`GET /restapi/{version}/billing_plans`: every plan that an account may have."""
    del standings
    return {"billingPlans": [_plan(plan) for plan in ask.ctx.policy.plans]}


@for_user
def one_billing_plan(ask: Ask, standings: list[Standing]) -> object:
    """`GET /restapi/{version}/billing_plans/{plan}`."""
    del standings
    for plan in ask.ctx.policy.plans:
        if plan_id(plan) == ask.path["plan"]:
            return {"billingPlan": _plan(plan), "successorPlans": []}
    raise Refusal(NO_SUCH_OBJECT, thing="billing plan")


def _active_members(ask: Ask, standing: Standing) -> list[Standing]:
    return [member for member in accounts.list_members(ask.ctx, standing.account.id) if member.is_active]


def _settings(standing: Standing) -> dict[str, object]:
    return {"accountName": standing.account.name, "usesAPI": "true"}


def _named_profile(ask: Ask, standing: Standing) -> Profile:
    for profile in permission_profiles.list_of_account(ask.ctx, standing.account.id):
        if str(profile.id) == ask.path["profile"]:
            return profile
    raise Refusal(NO_SUCH_OBJECT, thing="permission profile")


def _shown_profile(ask: Ask, standing: Standing, profile: Profile) -> dict[str, Any]:
    unlogged = request_logs.list_forbidden(ask.ctx, standing.account.id)
    return _profile(profile, _active_members(ask, standing), unlogged)


def _wanted_logging(sent: dict[str, Any], before: dict[str, Any]) -> str:
    """What the switch of request logging is to be; refuses every other change."""
    asked, now = sent.get("settings") or {}, before["settings"]
    if not isinstance(asked, dict):
        raise Refusal(INVALID_PARAMETER, name="settings", reason="send an object.")
    others = {name: value for name, value in asked.items() if name != _LOGGING}
    if name := sent.get("permissionProfileName"):
        others["permissionProfileName"] = name
    for name, value in others.items():
        if str(value).lower() != str((before | now).get(name, "")).lower():
            raise Refusal(INVALID_PARAMETER, name=name, reason=f"only {_LOGGING} can be changed here.")
    said = asked.get(_LOGGING)
    wanted = str(now[_LOGGING] if said is None else said).lower()
    if wanted not in {"true", "false"}:
        raise Refusal(INVALID_PARAMETER, name=_LOGGING, reason="send true or false.")
    return wanted


def _profile(profile: Profile, members: list[Standing], unlogged: frozenset[int]) -> dict[str, Any]:
    count = sum(member.membership.profile.id == profile.id for member in members)
    return {
        "permissionProfileId": str(profile.id),
        "permissionProfileName": profile.name,
        "userCount": str(count),
        "settings": {
            "allowApiAccess": "true",
            "allowAccountManagement": switch(profile.is_admin),
            "allowEnvelopeSending": switch(profile.is_admin or SEND in profile.permissions),
            _LOGGING: switch(profile.id not in unlogged),
        },
        "users": [],
    }


def _plan(plan: str) -> dict[str, object]:
    return {
        "planId": plan_id(plan),
        "planName": plan,
        "planClassification": plan,
        "enableSupport": "false",
        "currencyPlanPrices": [],
        "planFeatureSets": [],
        "seatDiscounts": [],
        "appStoreProducts": [],
    }
