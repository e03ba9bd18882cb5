"""What can programs ask about keys that replace others, and about recovery contacts? Part of the list of operations."""

from keysteward.rules import refusals as no
from keysteward.web.api import recovery_contacts, replacements
from keysteward.web.api import replacement_shapes as as_
from keysteward.web.api.openapi import Operation, removing
from keysteward.web.api.shapes import Nothing

_ONE = "/api/v1/replacements/{id}"
_CONTACTS = "/api/v1/accounts/{account}/recovery-contacts"
_SEEN = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_OBJECT, no.REPLACEMENTS_ARE_IN_PRODUCTION)
_TAKING = (*_SEEN, no.FRESH_SIGN_IN_NEEDED, no.NOT_YOURS_TO_RETIRE, no.CONFLICT)
_RETIRING = (
    *_TAKING, no.INVALID_FIELD, no.KEY_RETIRED, no.KEY_DELETED, no.ACCOUNT_NOT_OPEN, no.USED_LATELY,
    no.NOT_SAFE_TO_RETIRE, no.ADMIN_REMOVED_LATELY, no.REQUESTER_OUTSIDE, no.DOMAIN_NOT_ACTIVE,
)  # fmt: skip
_OF_ACCOUNT = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN)
_CHANGING = (*_OF_ACCOUNT, no.FRESH_SIGN_IN_NEEDED, no.ACCOUNT_NOT_OPEN)

# fmt: off
REPLACEMENT_OPERATIONS: tuple[Operation, ...] = (
    # ── replacements ────────────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", "/api/v1/replacements", "New keys of your accounts that replace others, and what replaces yours.",
              replacements.list_replacements, as_.Replacements, refusals=(no.TOKEN_LACKS_PERMISSION,)),
    Operation("GET", _ONE, "How far a new key has taken the place of an old one.", replacements.show_replacement,
              as_.CutOver, refusals=_SEEN),
    Operation("GET", "/api/v1/keys/{key}/replacement-preview", "What replacing a key asks of its people.",
              replacements.preview_replacement, as_.ReplacementPreview,
              refusals=(no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_KEY, no.NOT_AN_ADMIN,
                        no.REPLACEMENTS_ARE_IN_PRODUCTION)),
    Operation("POST", _ONE + "/proofs", "Prove a live credential of the old key, to see the cut-over.",
              replacements.prove_predecessor, as_.Proven, 201, as_.NewProof,
              (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_OBJECT, no.REPLACEMENTS_ARE_IN_PRODUCTION, no.INVALID_FIELD,
               no.PROOF_NOT_GOOD, no.TOO_MANY_PROOFS)),
    Operation("POST", _ONE + "/retirements", "Retire the old key: it stops at once, and can come back for a while.",
              replacements.retire_key, as_.CutOver, 201, as_.NewRetirement, _RETIRING),
    Operation("POST", _ONE + "/approvals", "Approve, as a second organization admin, that the old key is retired.",
              replacements.approve_retirement, as_.CutOver, 201, Nothing, (*_TAKING, no.KEY_NOT_RETIRED),
              asker="person"),
    Operation("POST", _ONE + "/reversals", "Bring the old key back, or call retiring it off.",
              replacements.bring_key_back, as_.CutOver, 201, as_.WhyBack,
              (*_TAKING, no.INVALID_FIELD, no.KEY_NOT_RETIRED, no.RETIRED_FOR_GOOD)),
    Operation("GET", _ONE + "/record", "The signed record of an old key that retired, for both sides.",
              replacements.show_replacement_record, as_.ReplacementPaper, refusals=(*_SEEN, no.KEY_NOT_RETIRED)),

    # ── recovery contacts ───────────────────────────────────────────────────────────────────────────────────────────
    Operation("GET", _CONTACTS, "Whom an account names to be told when it loses its last admin.",
              recovery_contacts.list_recovery_contacts, as_.RecoveryContacts, refusals=_OF_ACCOUNT),
    Operation("POST", _CONTACTS, "Name a recovery contact; they agree with a link.",
              recovery_contacts.name_recovery_contact, as_.RecoveryContact, 201, as_.NewRecoveryContact,
              (*_CHANGING, no.INVALID_FIELD, no.CONTACT_KNOWN, no.TOO_MANY_CONTACTS, no.TOO_MANY_LINKS,
               no.TOO_MANY_STRANGERS)),
    Operation("DELETE", _CONTACTS, "Remove a recovery contact.", recovery_contacts.remove_recovery_contact,
              status=204, refusals=(*_CHANGING, no.NO_SUCH_OBJECT), query=removing("email")),
)
# fmt: on
