"""What can programs ask of the interview about keys? Part of the list of operations."""

from keysteward.rules import refusals as no
from keysteward.rules.interview import QUESTIONS
from keysteward.web.api import advice
from keysteward.web.api import advice_shapes as as_
from keysteward.web.api.openapi import Operation, Parameter

_OF_APP = "/api/v1/keys/{key}/advice"
_OF_KEY = (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_KEY, no.NOT_AN_ADMIN)
_ANSWERS = tuple(
    Parameter(each.code, each.asks, f"({'|'.join(option.code for option in each.options)})?") for each in QUESTIONS
)

# fmt: off
ADVICE_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/advice", "Who needs a key, and whose should it be? The next question, or the advice.",
              advice.ask_for_advice, as_.Interview, refusals=(no.INVALID_FIELD,), asker="anybody", may_say=_ANSWERS),
    Operation("GET", _OF_APP, "The advice that was kept with an app.", advice.show_advice, as_.KeptAdvice,
              refusals=(*_OF_KEY, no.NO_SUCH_OBJECT)),
    Operation("PUT", _OF_APP, "Keep the advice of a complete interview with an app.", advice.keep_advice,
              as_.KeptAdvice, 200, as_.NewAdvice, (*_OF_KEY, no.ACCOUNT_NOT_OPEN, no.KEY_DELETED, no.INVALID_FIELD)),
)
# fmt: on
