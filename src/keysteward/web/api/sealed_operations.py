"""What can programs ask about sealed credentials and drills? Part of the list of operations."""

from keysteward.rules import refusals as no
from keysteward.web.api import drills, sealed
from keysteward.web.api import sealed_shapes as as_
from keysteward.web.api.drills import DRILL, OF_ACCOUNT
from keysteward.web.api.openapi import Operation
from keysteward.web.api.sealed import RECIPIENTS, REQUESTS, SEALED
from keysteward.web.api.shapes import Nothing

_OF_ACCOUNT = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN)
_BY_ADMIN = (no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN, no.FRESH_SIGN_IN_NEEDED)
_SEEN = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_OBJECT)
_GIVING = (no.SERVICE_ADMIN_RELEASES, no.ACCOUNT_NOT_OPEN, no.KEY_DELETED)
_STEPPING = (no.FRESH_SIGN_IN_NEEDED, no.NO_SUCH_OBJECT, no.NOT_YOUR_RELEASE, no.RELEASE_OVER, no.CONFLICT)
_REQUEST = REQUESTS + "/{id}"

# fmt: off
SEALED_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", RECIPIENTS, "The recovery recipients to whom an account seals.", sealed.list_recovery_recipients,
              as_.RecoveryRecipients, refusals=_OF_ACCOUNT),
    Operation("POST", RECIPIENTS, "Seal what is made from now on to another public key.",
              sealed.add_recovery_recipient, as_.RecoveryRecipient, 201, as_.NewRecoveryRecipient,
              (*_BY_ADMIN, no.ACCOUNT_NOT_OPEN, no.INVALID_FIELD, no.RECIPIENT_EXISTS, no.TOO_MANY_RECIPIENTS),
              asker="person"),
    Operation("DELETE", RECIPIENTS + "/{id}", "Seal nothing more to a recipient.", sealed.remove_recovery_recipient,
              None, 204, refusals=(*_BY_ADMIN, no.NO_SUCH_OBJECT), asker="person"),
    Operation("GET", SEALED, "What an account has sealed, and what it has not.", sealed.list_sealed_credentials,
              as_.SealedCredentials, refusals=_OF_ACCOUNT),
    Operation("POST", SEALED + "/{id}/requests", "Ask to be given a sealed credential; another person approves.",
              sealed.ask_for_credential, as_.CredentialRequest, 201, as_.NewCredentialRequest,
              (*_BY_ADMIN, *_GIVING, no.NO_SUCH_OBJECT, no.INVALID_FIELD, no.NOBODY_APPROVES, no.RELEASE_PENDING,
               no.CONFLICT), asker="person"),
    Operation("GET", REQUESTS, "The requests for sealed credentials of your accounts and organizations.",
              sealed.list_credential_requests, as_.CredentialRequests, refusals=(no.TOKEN_LACKS_PERMISSION,)),
    Operation("GET", _REQUEST, "One request: where it stands, and what you may do.", sealed.show_credential_request,
              as_.CredentialRequest, refusals=_SEEN),
    Operation("POST", _REQUEST + "/approvals", "Approve what somebody else asked.", sealed.approve_credential_request,
              as_.CredentialRequest, 201, Nothing, (*_STEPPING, *_GIVING, no.RELEASE_APPROVED), asker="person"),
    Operation("POST", _REQUEST + "/refusals", "Refuse what somebody else asked.", sealed.refuse_credential_request,
              as_.CredentialRequest, 201, as_.WhyRefused, (*_STEPPING, no.INVALID_FIELD), asker="person"),
    Operation("POST", _REQUEST + "/cancellations", "Take your own request back.", sealed.cancel_credential_request,
              as_.CredentialRequest, 201, Nothing, _STEPPING, asker="person"),
    Operation("POST", _REQUEST + "/downloads", "The sealed credential, once, for whoever asked.",
              sealed.download_sealed_credential, as_.SealedFile, 201, Nothing,
              (*_STEPPING, no.ACCOUNT_NOT_OPEN, no.KEY_DELETED, no.RELEASE_NOT_APPROVED, no.RELEASE_SIGNER_GONE),
              asker="person"),
    Operation("GET", OF_ACCOUNT, "The drills of an account.", drills.list_drills, as_.Drills, refusals=_OF_ACCOUNT),
    Operation("POST", OF_ACCOUNT, "Plan a drill for two people.", drills.plan_drill, as_.PlannedDrill, 201,
              as_.NewDrill, (*_OF_ACCOUNT, no.INVALID_FIELD)),
    Operation("GET", DRILL, "One drill: what to do, and how it went.", drills.show_drill, as_.PlannedDrill,
              refusals=_SEEN),
    Operation("POST", DRILL + "/results", "Record how a drill went, as one of its two people.", drills.record_drill,
              as_.PlannedDrill, 201, as_.NewDrillResult,
              (no.NO_SUCH_OBJECT, no.INVALID_FIELD, no.NOT_YOUR_DRILL, no.DRILL_OVER, no.DRILL_RECORDED, no.CONFLICT),
              asker="person"),
    Operation("POST", DRILL + "/cancellations", "Cancel a drill and its repetitions.", drills.cancel_drill,
              as_.PlannedDrill, 201, Nothing, (*_SEEN, no.NOT_AN_ADMIN, no.DRILL_OVER, no.CONFLICT)),
)
# fmt: on
