"""How is a refused form shown again, and how does a page say what was done?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse

from keysteward.rules.refusals import (
    ALREADY_THERE,
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    KEYPAIR_EXISTS,
    KEYPAIR_OF_DEMO,
    NO_SUCH_KEY,
    NOT_AN_ADMIN,
    Refusal,
)
from keysteward.web.pages.words import as_sentence
from keysteward.web.reading import read_form
from keysteward.web.showing import Notice

_NOT_ABOUT_THE_FORM = (FRESH_SIGN_IN_NEEDED, NO_SUCH_KEY, NOT_AN_ADMIN)
_ABOUT_ITS_ONLY_FIELD = (ALREADY_THERE, KEYPAIR_EXISTS, KEYPAIR_OF_DEMO)
_FIELDS_OF_FORMS = {"uri": "redirect_uri"}

DONE: dict[str, Notice] = {
    "created": Notice("success", "App created", "Its key stands below. Give it a redirect URI and a secret key."),
    "saved": Notice("success", "Saved"),
    "secret-deleted": Notice("success", "Secret key deleted", "Whoever still uses it is refused from now on."),
    "public-key-added": Notice("success", "Public key added", "Assertions that its private half signs are accepted."),
    "keypair-deleted": Notice("success", "Keypair deleted", "Assertions that it signed are refused from now on."),
    "redirect-uri-added": Notice("success", "Redirect URI added"),
    "redirect-uri-deleted": Notice("success", "Redirect URI deleted"),
    "origin-added": Notice("success", "Origin added"),
    "origin-deleted": Notice("success", "Origin deleted"),
    "stopped": Notice("success", "Key stopped", "Every request with it is refused until somebody starts it again."),
    "started": Notice("success", "Key started", "Requests with it are answered again."),
    "revoked": Notice("success", "All tokens revoked", "Everybody signs in again; the key itself stays as it is."),
    "deleted": Notice("success", "Key deleted", "Its tokens are dead. It stands below, where you can restore it."),
    "restored": Notice("success", "Key restored", "It works again. Tokens of before stay dead."),
    "password-changed": Notice("success", "Password changed", "Your other sessions ended."),
    "provider-saved": Notice("success", "Identity provider set up", "It answered. All admins are told by mail."),
    "provider-removed": Notice("success", "Identity provider removed", "Nobody signs in with it any more."),
    "link-removed": Notice("success", "Link removed", "They are linked anew when they sign in there again."),
    "address-changed": Notice("success", "Address changed", "You sign in with it from now on."),
    "factor-reset": Notice("success", "Second factor reset", "They and all other admins are told by mail."),
    "invited": Notice("success", "Invitation sent", "It counts once they have joined."),
    "invitation-withdrawn": Notice("success", "Invitation withdrawn", "Its link is good for nothing any more."),
    "joined": Notice("success", "You joined the account", "Choose it at the top of the page."),
    "profile-given": Notice("success", "Permission profile changed", "It applies at once."),
    "member-closed": Notice("success", "Member closed", "They have no access to the account any more."),
    "member-reactivated": Notice("success", "Member reactivated", "Tokens of before stay dead."),
    "leaver-reported": Notice("success", "Reported", "They have lost all access that depends on it, at once."),
    "person-erased": Notice("success", "Erased", "The audit log says that it was done, and no longer who it was."),
    "leaver-back": Notice("success", "Brought back", "Tokens of before stay dead."),
    "own-account-opened": Notice(
        "success", "The account is open", "Choose it at the top of the page, and invite a second admin soon."
    ),
    "account-opened": Notice("success", "Account opened", "Its admin is told by mail."),
    "account-changed": Notice("success", "Account changed", "It applies at once."),
    "profile-made": Notice("success", "Permission profile made", "Give it to members on their pages."),
    "profile-changed": Notice("success", "Permission profile changed", "It applies to whoever has it at once."),
    "profile-removed": Notice("success", "Permission profile removed"),
    "notices-read": Notice("success", "All marked as read"),
    "mails-chosen": Notice("success", "Saved", "It applies to notices from now on."),
    "session-ended": Notice("success", "Session ended", "That browser has to sign in again."),
    "sessions-ended": Notice("success", "All other sessions ended", "Only this browser is still signed in."),
    "app-removed": Notice("success", "Authenticator app removed", "Its codes are refused from now on."),
    "passkey-removed": Notice("success", "Passkey removed", "It is refused from now on; delete it on the device too."),
    "passkey-added": Notice("success", "Passkey added", "It is asked for after your password from now on."),
    "factor-added": Notice(
        "success", "Authenticator app added", "A code is asked for after your password from now on."
    ),
    "token-revoked": Notice("success", "Token revoked", "Whatever still uses it is refused from now on."),
    "logging-on": Notice("success", "Logging is on", "Make the requests that you want to look into."),
    "logging-off": Notice("success", "Logging is off", "What is logged already stays until you clear it."),
    "log-cleared": Notice("success", "Log cleared", "There is room for new entries."),
    "logging-forbidden": Notice("success", "Request logging forbidden", "It applies from the next request on."),
    "logging-allowed": Notice("success", "Request logging allowed", "Whoever wants it turns it on for themselves."),
    "disconnected": Notice("success", "App disconnected", "It can do nothing for you until you allow it again."),
    "app-blocked": Notice("success", "App blocked", "Its calls in this account are refused from now on."),
    "app-unblocked": Notice("success", "App unblocked", "Its calls in this account pass again."),
    "changed-meanwhile": Notice("info", "Somebody changed this meanwhile", "The list shows how it stands now."),
    "authorized": Notice("success", "App authorized", "Nobody whom it covers is asked any more."),
    "authorization-revoked": Notice("success", "Authorization revoked", "Tokens that rested on it are dead."),
    "organization-created": Notice("success", "Organization created", "Claim a domain next, and let others help you."),
    "link-asked": Notice("success", "Asked", "The admins of the account are told by mail. One of them has to agree."),
    "unlink-asked": Notice("success", "Asked", "The admins of the other side are told by mail. One has to agree."),
    "link-agreed": Notice("success", "Agreed", "It counts from now on."),
    "link-ended": Notice("success", "Nothing waits any more", "Either side may ask again."),
    "admin-named": Notice("success", "Admin added", "All other admins of the organization are told by mail."),
    "admin-removed": Notice("success", "Admin removed", "They do nothing in the organization's name any more."),
    "domain-claimed": Notice("success", "Domain claimed", "Publish its record, then press Check now."),
    "scim-token-revoked": Notice("success", "SCIM token revoked", "Whoever still uses it is refused from now on."),
    "scim-home-chosen": Notice("success", "Saved", "Users who are created from now on belong there."),
    "domain-given-up": Notice("success", "Domain given up", "It covers nobody any more."),
    "domain-active": Notice("success", "DNS shows the proof", "The domain is active."),
    "domain-pending": Notice("info", "DNS does not show the proof yet", "What it answered stands below."),
    "domain-lapsed": Notice("warning", "DNS does not show the proof", "The domain covers nobody until it does."),
    "policy-applied": Notice("success", "The policy changed", "Every worker goes by it within a second."),
    "policy-proposed": Notice("success", "Proposed", "Nothing applies yet: another operator has to approve it."),
    "policy-approved": Notice("success", "Approved", "It applies now. Every worker goes by it within a second."),
    "policy-ended": Notice("success", "Nothing comes of it", "The policy stays as it is."),
    "asked": Notice("success", "Question sent", "The admins of the account are told by mail."),
    "answered": Notice("success", "Answer sent", "Whoever asked is told by mail, and decides next."),
    "decided": Notice("success", "Decided", "The admins of the account are told by mail."),
    "confirmed": Notice("info", "It is you", "Nothing was done yet: press the button once more."),
    "taken-over": Notice("success", "Taken over", "These settings are in force in production now."),
    "nothing-chosen": Notice("info", "Nothing was chosen", "Choose the settings to take over, then press once more."),
    "told-again": Notice("success", "Demo is told once more", "Look again in a moment."),
    "finding-accepted": Notice("success", "Finding accepted", "It takes no points until that day."),
    "finding-reopened": Notice("success", "Finding open again"),
    "finding-assigned": Notice("success", "Saved who sees to it"),
    "recipient-added": Notice("success", "Recipient added", "What is made from now on can be sealed to it."),
    "recipient-removed": Notice("success", "Recipient removed", "Nothing more is sealed to it."),
    "release-asked": Notice("success", "Asked", "All admins are told. A second person approves."),
    "release-approved": Notice("success", "Approved", "Whoever asked is told, and can download the file once."),
    "release-refused": Notice("success", "Refused", "The credential stays sealed. All admins are told."),
    "release-cancelled": Notice("success", "Cancelled", "The credential stays sealed."),
    "drill-planned": Notice("success", "Drill planned", "Both people are told."),
    "drill-recorded": Notice("success", "Recorded", "When both have recorded, the drill is over."),
    "drill-cancelled": Notice("success", "Drill cancelled", "Plan another one where it is still needed."),
    "transfer-started": Notice("success", "The key is offered", "The admins of the destination are told by mail."),
    "stand-in-started": Notice("success", "You stand in", "Everybody who could object is told by mail, and it waits."),
    "transfer-accepted": Notice("success", "Accepted", "You see now what moves. Both sides confirm in writing."),
    "transfer-confirmed": Notice("success", "Confirmed", "How it stands is said below; both sides are told by mail."),
    "transfer-approved": Notice("success", "Approved", "What is missing stands below."),
    "transfer-stopped": Notice("success", "The transfer has ended", "The key stays where it was. All are told."),
    "credential-proved": Notice("success", "Proved", "You see the cut-over as long as that credential is good."),
    "key-retired": Notice("success", "Done", "Everybody concerned is told. How it stands is said below."),
    "retirement-approved": Notice("success", "Approved", "It happens by itself once the wait is over."),
    "key-brought-back": Notice("success", "Taken back", "Everybody who was told hears of it."),
    "contact-named": Notice("success", "Link sent", "The contact counts once they agreed."),
    "contact-removed": Notice("success", "Contact removed", "They are told of nothing any more."),
    "advice-kept": Notice("success", "Advice kept with this app", "Whoever manages it later can read why it is so."),
    "webhook-removed": Notice("success", "Webhook removed", "Nothing more is sent to it. The other admins are told."),
    "webhook-on": Notice("success", "Webhook switched on", "It is told of what happens from now on."),
    "webhook-tested": Notice("success", "Test on its way", "Look at the log below in a moment."),
    "webhook-replayed": Notice("success", "On its way again", "With the same id, so that receivers can drop repeats."),
    "webhook-replayed-partly": Notice(
        "info",
        "The oldest are on their way again",
        "No more may be sent within an hour. Go on after it, below.",
    ),
    "work-asked": Notice("success", "It is under way", "You can leave this page and find it again under Long work."),
    "work-under-way": Notice("info", "One of these is under way already", "Here it is. Cancel it to ask for another."),
    "work-cancelled": Notice("success", "Cancelled", "Nothing comes of it."),
    "smoke-kept": Notice("success", "Smoke test kept", "It stands below, with its date and your name."),
}

_SECTIONS = {
    "secret-deleted": "secrets",
    "public-key-added": "keypairs",
    "keypair-deleted": "keypairs",
    "redirect-uri-added": "redirect-uris",
    "redirect-uri-deleted": "redirect-uris",
    "origin-added": "cors",
    "origin-deleted": "cors",
    "mails-chosen": "mails",
    "session-ended": "sessions",
    "sessions-ended": "sessions",
    "app-removed": "second-factor",
    "passkey-removed": "second-factor",
    "passkey-added": "second-factor",
    "factor-added": "second-factor",
    "smoke-kept": "smoke",
    "link-agreed": "accounts",
    "admin-named": "admins",
    "domain-claimed": "domains",
    "scim-token-revoked": "tokens",
    "scim-home-chosen": "home",
}


@dataclass(frozen=True, slots=True)
class Slip:
    """A form as it came back: what was typed, what is wrong with which field, and what is wrong otherwise."""

    values: Mapping[str, object] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: Notice | None = None
    status: int = 200


async def read_fields(request: Request, *names: str) -> dict[str, str]:
    """The named fields of a form; one that was not sent is empty."""
    sent = await read_form(request)
    return {name: sent.get(name, "") for name in names}


def arrived(request: Request) -> Slip:
    """A page that was asked for, perhaps after a form was done: then it says what was done."""
    return Slip(notice=DONE.get(request.query_params.get("done", "")))


def done(path: str, what: str) -> RedirectResponse:
    """Go on to a page that says what was done, at the section where it shows."""
    section = f"#{_SECTIONS[what]}" if what in _SECTIONS else ""
    return RedirectResponse(f"{path}?done={what}{section}", 303)


def refused(refusal: Refusal, typed: Mapping[str, object], *fields: str) -> Slip:
    """The form with the refusal at the field it is about, or above all; raises what is not about the form."""
    if refusal.kind in _NOT_ABOUT_THE_FORM:
        raise refusal
    name = _FIELDS_OF_FORMS.get(refusal.field, refusal.field)
    if refusal.kind in _ABOUT_ITS_ONLY_FIELD and len(fields) == 1:
        name = fields[0]
    if name in fields:
        return Slip(typed, {name: at_field(refusal)}, None, refusal.kind.status)
    return Slip(typed, {}, Notice("danger", refusal.sentence, refusal.next_step), refusal.kind.status)


def at_field(refusal: Refusal) -> str:
    """What stands beside a field: there nobody needs its name again."""
    if refusal.kind is INVALID_FIELD:
        return as_sentence(str(refusal.values["reason"]))
    return f"{refusal.sentence} {refusal.next_step}".strip()
