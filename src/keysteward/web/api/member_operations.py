"""What can programs ask about members, permission profiles, leavers and operated accounts?

A part of the one list in `operations.py`.
"""

from keysteward.rules import refusals as no
from keysteward.web.api import member_shapes as one
from keysteward.web.api import members, operated
from keysteward.web.api.openapi import Operation, Parameter
from keysteward.web.api.shapes import Nothing

_ACCOUNT = "/api/v1/accounts/{account}"
_MEMBERS = _ACCOUNT + "/members"
_INVITATIONS = _ACCOUNT + "/invitations"
_PROFILES = _ACCOUNT + "/profiles"
_LEAVERS = "/api/v1/leavers"
_THEIR_LEAVERS = "/api/v1/organizations/{organization}/leavers"
_WORDS = Parameter("words", "A part of the name, the GUID or the number.", r"[^\x00]{0,100}")

_READING = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN)
_WRITING = (*_READING, no.ACCOUNT_NOT_OPEN, no.FRESH_SIGN_IN_NEEDED)
_OPERATING = (no.TOKEN_LACKS_PERMISSION, no.NOT_AN_OPERATOR)
_HANDLING = (*_OPERATING, no.NO_SUCH_ACCOUNT, no.FRESH_SIGN_IN_NEEDED, no.INVALID_FIELD)
_LEFT = (no.NO_SUCH_USER, no.FRESH_SIGN_IN_NEEDED, no.INVALID_FIELD)
_COUNCIL = (no.TOKEN_LACKS_PERMISSION, no.NOT_AN_ORGANIZATION_ADMIN, no.NO_SUCH_ORGANIZATION)

# fmt: off
MEMBER_OPERATIONS: tuple[Operation, ...] = (
    # ── members of an account ───────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", _MEMBERS, "The members of an account.", members.list_members, one.AccountMembers,
              refusals=_READING),
    Operation("GET", _MEMBERS + "/{user}", "One member.", members.show_member, one.Member,
              refusals=(*_READING, no.NO_SUCH_USER)),
    Operation("PATCH", _MEMBERS + "/{user}", "Give a member another permission profile.", members.change_member,
              one.Member, 200, one.MemberChange, (*_WRITING, no.NO_SUCH_USER, no.LAST_ADMIN, no.INVALID_FIELD)),
    Operation("DELETE", _MEMBERS + "/{user}", "Close a member; the last active admin stays.", members.close_member,
              None, 204, refusals=(*_WRITING, no.NO_SUCH_USER, no.LAST_ADMIN)),
    Operation("POST", _MEMBERS + "/{user}/reactivations", "Reactivate a closed member.", members.reactivate_member,
              one.Member, 200, Nothing, (*_WRITING, no.NO_SUCH_USER, no.ALREADY_A_MEMBER, no.USER_CLOSED)),
    Operation("GET", _INVITATIONS, "The invitations that nobody has accepted.", members.list_invitations,
              one.AccountInvitations, refusals=_READING),
    Operation("POST", _INVITATIONS, "Invite somebody: a link goes out by mail.", members.invite_member,
              one.AccountInvitation, 201, one.NewInvitation,
              (*_WRITING, no.INVALID_FIELD, no.ALREADY_A_MEMBER, no.TOO_MANY_INVITATIONS, no.TOO_MANY_LINKS,
               no.TOO_MANY_STRANGERS),
              once=True),
    Operation("DELETE", _INVITATIONS + "/{id}", "Withdraw an invitation.", members.withdraw_invitation, None, 204,
              refusals=(*_READING, no.ACCOUNT_NOT_OPEN, no.NO_SUCH_OBJECT)),
    Operation("GET", _PROFILES, "The permission profiles of an account.", members.list_profiles,
              one.PermissionProfiles, refusals=_READING),
    Operation("POST", _PROFILES, "Make a permission profile of the account's own.", members.make_profile,
              one.PermissionProfile, 201, one.NewProfile, (*_WRITING, no.INVALID_FIELD)),
    Operation("PUT", _PROFILES + "/{profile}", "Change a permission profile of the account's own.",
              members.change_profile, one.PermissionProfile, 200, one.NewProfile,
              (*_WRITING, no.INVALID_FIELD, no.NO_SUCH_OBJECT, no.PROFILE_FIXED)),
    Operation("DELETE", _PROFILES + "/{profile}", "Remove a permission profile that nobody has.",
              members.remove_profile, None, 204,
              refusals=(*_READING, no.ACCOUNT_NOT_OPEN, no.NO_SUCH_OBJECT, no.PROFILE_FIXED, no.PROFILE_IN_USE)),

    # ── accounts, in the hands of operators ─────────────────────────────────────────────────────────────────────────
    Operation("GET", "/api/v1/accounts", "Accounts, for operators: the newest, or those that are looked for.",
              operated.list_operated_accounts, one.OperatedAccounts, refusals=_OPERATING, may_say=(_WORDS,)),
    Operation("POST", "/api/v1/accounts", "Open an account for somebody, who becomes its admin.",
              operated.open_account, one.OperatedAccount, 201, one.NewAccount,
              (*_OPERATING, no.FRESH_SIGN_IN_NEEDED, no.INVALID_FIELD)),
    Operation("GET", _ACCOUNT, "One account, for operators.", operated.show_operated_account, one.OperatedAccount,
              refusals=(*_OPERATING, no.NO_SUCH_ACCOUNT)),
    Operation("PUT", _ACCOUNT + "/state", "Suspend, close or reopen an account.", operated.change_account_state,
              one.OperatedAccount, 200, one.StateChange,
              (*_HANDLING, no.ACCOUNT_STATE, no.ACCOUNT_HAS_LIVE_KEYS)),
    Operation("PUT", _ACCOUNT + "/plan", "Give an account another plan.", operated.change_account_plan,
              one.OperatedAccount, 200, one.PlanChange, _HANDLING),

    # ── who left ────────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", _LEAVERS, "Who left by the word of operators.", operated.list_leavers, one.Leavers,
              refusals=_OPERATING),
    Operation("POST", _LEAVERS, "Close a user who left: all access ends at once.", operated.report_leaver, one.Leaver,
              201, one.NewLeaver, (*_OPERATING, *_LEFT)),
    Operation("DELETE", _LEAVERS + "/{user}", "Bring a user back, whoever reported them.", operated.bring_leaver_back,
              None, 204, refusals=(*_OPERATING, *_LEFT, no.NO_SUCH_OBJECT)),
    Operation("GET", _THEIR_LEAVERS, "Who left by the word of an organization.", operated.list_organization_leavers,
              one.Leavers, refusals=_COUNCIL),
    Operation("POST", _THEIR_LEAVERS, "Report who left the organization: their access ends at once.",
              operated.report_organization_leaver, one.Leaver, 201, one.NewLeaver, (*_COUNCIL, *_LEFT)),
    Operation("DELETE", _THEIR_LEAVERS + "/{user}", "Take back that somebody left the organization.",
              operated.bring_organization_leaver_back, None, 204,
              refusals=(*_COUNCIL, *_LEFT, no.NO_SUCH_OBJECT)),
)
# fmt: on
