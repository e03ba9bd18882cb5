"""What is wrong with a request, whatever it asks for?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

REQUESTS: tuple[Article, ...] = (
    Article(
        "malformed",
        "The request cannot be read",
        "The body or a header does not have the shape that this address reads; the sentence names the place, never a "
        "value.",
        (
            Cause(
                "The body is not JSON, or was cut.",
                "Check it with a JSON reader, and send it in UTF-8.",
            ),
            Cause(
                "A field has another type: a number as text, a list for one value, an unknown name.",
                "Compare with the description of the operation in /api/v1/openapi.json.",
            ),
            Cause(
                "A form holds a zero byte, is no UTF-8, or has more than 200 fields.",
                "Encode it as application/x-www-form-urlencoded.",
            ),
            Cause(
                "If-Match or Idempotency-Key is malformed.",
                "Send the ETag as it came, in quotes; any key of up to 255 visible characters will do.",
            ),
        ),
        explains=("malformed",),
        signs=("invalid_request_body",),
    ),
    Article(
        "invalid-value",
        "A value cannot be taken",
        "One field or parameter was read and cannot be used; the sentence names it and says why.",
        (
            Cause(
                "A date has no zone, a list has a name that is not among the choices, a text is too long.",
                "Use one of the values that the sentence names.",
            ),
            Cause(
                "The programs of two versions speak different words.",
                "Compare with /api/v1/openapi.json of the server that you ask.",
            ),
            Cause(
                "In a form of the console: the sentence stands beside the field.",
                "Correct the field and send the form again; nothing was saved.",
            ),
        ),
        explains=(
            "invalid-field",
            "invalid-parameter",
        ),
        signs=("invalid_request_parameter",),
    ),
    Article(
        "too-large",
        "The body is too large",
        "The body is larger than this address takes. The limit stands in the sentence.",
        (
            Cause(
                "A large document is sent in a call.",
                "The gateway takes 35,651,584 bytes unless the operator set another limit; split the work.",
            ),
            Cause(
                "A program sends a file to an address for small JSON.",
                "Look at the address.",
            ),
        ),
        explains=("too-large",),
    ),
    Article(
        "unsupported-media-type",
        "The Content-Type is wrong",
        "The body must be sent as the type that the sentence names.",
        (
            Cause(
                "The token endpoint was sent JSON.",
                "Send a form: application/x-www-form-urlencoded.",
            ),
            Cause(
                "The header is missing, and the library's default is another.",
                "Set Content-Type explicitly.",
            ),
        ),
        explains=("unsupported-media-type",),
    ),
    Article(
        "no-such-address",
        "There is nothing at this address",
        "No operation of this server has this path, or not with this method.",
        (
            Cause(
                "/restapi/v2.1 is missing or stands twice, or the account id is empty, which leaves two slashes.",
                "Print the whole address before it is asked.",
                "{origin}/restapi/v2.1/accounts/ACCOUNT_ID",
            ),
            Cause(
                "It is an operation of Docusign's API that this server or its upstream does not have.",
                "The gateway forwards what its routes name; ask the operator.",
            ),
            Cause(
                "A path of the other environment, or of another release.",
                "Look into /api/v1/openapi.json.",
            ),
        ),
        explains=("no-such-address",),
        signs=("does not resolve to a resource",),
    ),
    Article(
        "method-not-allowed",
        "This method is not taken here",
        "There is something at the address, and it is asked otherwise.",
        (
            Cause(
                "GET was sent to the token endpoint, often by a redirect that turned POST into GET.",
                "POST to the address itself, with https and without a slash at the end.",
            ),
            Cause(
                "A form's address was opened in a browser.",
                "Open its page first.",
            ),
        ),
        explains=("method-not-allowed",),
    ),
    Article(
        "cross-site",
        "The request came from another site",
        "A browser says that a page of another site sent this, and people's sessions are not for others to use.",
        (
            Cause(
                "A form or script of another origin posts to the console.",
                "Open the console and do it there; programs use a personal access token, which needs no browser.",
            ),
            Cause(
                "Demo and production stand open side by side, on two ports of one host. They are two sites.",
                "Do it in the window of the environment that you mean.",
            ),
        ),
        explains=("cross-site",),
    ),
    Article(
        "form-of-another",
        "The form was made for somebody else",
        "Two people use the console in one browser, one after the other, and a window of the first is still open.",
        (
            Cause(
                "Somebody signed in in another window while this form was open.",
                "Open the page again as whoever is signed in now, or sign out and in as the other person.",
            ),
        ),
        explains=("form-of-another",),
    ),
    Article(
        "changed-meanwhile",
        "Somebody else changed this meanwhile",
        "What you looked at is not what is there now, so your change was not made.",
        (
            Cause(
                "Two admins had the same page open.",
                "Load the page again, look at what changed, and repeat yours if it is still wanted.",
            ),
            Cause(
                "A program sends an old ETag in If-Match.",
                "Read the key again before each change.",
            ),
        ),
        explains=("changed-meanwhile",),
    ),
    Article(
        "idempotency-key-reused",
        "The Idempotency-Key stood for another request",
        "A key marks one request, so that it takes effect once. It came back with another method, address or body.",
        (
            Cause(
                "The program makes one key at its start and uses it for all.",
                "Make a new key for each request, and keep it for that one's retries.",
            ),
        ),
        explains=("idempotency-key-reused",),
    ),
    Article(
        "idempotency-key-in-use",
        "The first request has not finished",
        "The same request with the same key is being worked on, or was cut off in the middle.",
        (
            Cause(
                "A retry came before the first answer.",
                "Wait a moment and send it again with the same key.",
            ),
            Cause(
                "The server was stopped in the middle of it.",
                "Look whether it took effect; if not, send it with a new key.",
            ),
        ),
        explains=("idempotency-key-in-use",),
    ),
    Article(
        "no-such-object",
        "There is no such thing here",
        "The id is well made, and nothing of that kind has it, or it is not yours to see: both are answered alike.",
        (
            Cause(
                "It was deleted, or expired.",
                "Look at the list again.",
            ),
            Cause(
                "The id is the other environment's, or of another kind: a keypair's where a secret key's is asked.",
                "Copy it from where the list shows it.",
            ),
            Cause(
                "It belongs to another account.",
                "Sign in with a user of that account.",
            ),
        ),
        explains=("no-such-object",),
        signs=("envelope_does_not_exist",),
    ),
    Article(
        "nothing-to-do",
        "It is so already",
        "What was asked for is the case already. Nothing was changed, and nothing needs to be.",
        (
            Cause(
                "The form was sent twice, or a colleague was faster.",
                "Load the page again.",
            ),
            Cause(
                "A script runs for the second time.",
                "Let it take this answer for success.",
            ),
        ),
        explains=(
            "already-there",
            "already-blocked",
            "keypair-exists",
            "key-not-deleted",
            "nothing-changes",
            "limits-stay",
        ),
    ),
)
