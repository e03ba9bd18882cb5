"""What can programs ask about webhooks? A part of the one list in `operations.py`."""

from keysteward.rules import refusals as no
from keysteward.web.api import webhook_shapes as told
from keysteward.web.api import webhooks
from keysteward.web.api.openapi import Operation, Parameter
from keysteward.web.api.shapes import Nothing

_OF_ACCOUNT = "/api/v1/accounts/{account}/webhooks"
_OF_ORGANIZATION = "/api/v1/organizations/{organization}/webhooks"
_ONE = "/api/v1/webhooks/{id}"
_BEFORE = Parameter("before", "Only deliveries whose number is lower.", "[0-9]{1,15}")

_ITS_ACCOUNT = (no.NO_SUCH_ACCOUNT, no.NOT_AN_ADMIN)
_MAKING = (no.FRESH_SIGN_IN_NEEDED, no.INVALID_FIELD, no.TOO_MANY_WEBHOOKS)
_SEEING = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_OBJECT)
_CHANGING = (no.NO_SUCH_OBJECT, no.FRESH_SIGN_IN_NEEDED)

# fmt: off
WEBHOOK_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", _OF_ACCOUNT, "The webhooks of an account.", webhooks.list_account_webhooks, told.Webhooks,
              refusals=(no.TOKEN_LACKS_PERMISSION, *_ITS_ACCOUNT)),
    Operation("POST", _OF_ACCOUNT, "Make a webhook of an account; its signing secret is shown once.",
              webhooks.make_account_webhook, told.MadeWebhook, 201, told.NewWebhook, (*_ITS_ACCOUNT, *_MAKING),
              asker="person"),
    Operation("GET", _OF_ORGANIZATION, "The webhooks of an organization.", webhooks.list_organization_webhooks,
              told.Webhooks, refusals=(no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_ORGANIZATION)),
    Operation("POST", _OF_ORGANIZATION, "Make a webhook of an organization; its signing secret is shown once.",
              webhooks.make_organization_webhook, told.MadeWebhook, 201, told.NewWebhook,
              (no.NO_SUCH_ORGANIZATION, *_MAKING), asker="person"),
    Operation("GET", _ONE, "One webhook.", webhooks.show_webhook, told.Webhook, refusals=_SEEING),
    Operation("DELETE", _ONE, "Remove a webhook; what is on its way is dropped.", webhooks.remove_webhook, None, 204,
              refusals=_CHANGING, asker="person"),
    Operation("POST", _ONE + "/secrets", "Give a webhook another signing secret; for a while the old one signs too.",
              webhooks.rotate_webhook_secret, told.MadeWebhook, 201, Nothing, _CHANGING, asker="person"),
    Operation("POST", _ONE + "/reactivations", "Switch a webhook on that was switched off.",
              webhooks.switch_webhook_on, told.Webhook, 200, Nothing, _CHANGING, asker="person"),
    Operation("POST", _ONE + "/tests", "Send a test.", webhooks.test_webhook, None, 204, Nothing,
              (*_SEEING, no.WEBHOOK_OFF, no.TOO_MANY_REPEATS)),
    Operation("GET", _ONE + "/deliveries", "What became of the newest deliveries.", webhooks.list_webhook_deliveries,
              told.Deliveries, refusals=_SEEING, may_say=(_BEFORE,)),
    Operation("POST", _ONE + "/replays", "Send one delivery again, or all since a moment.", webhooks.replay_webhook,
              told.Replayed, 201, told.NewReplay,
              (*_SEEING, no.WEBHOOK_OFF, no.TOO_MANY_REPEATS, no.INVALID_FIELD)),
)
# fmt: on
