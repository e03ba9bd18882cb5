"""What goes wrong in and behind the gateway, and with the server itself?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

GATEWAYS: tuple[Article, ...] = (
    Article(
        "upstream-trouble",
        "The API behind the gateway did not answer",
        "The gateway took the call and could not get an answer from the API behind it, or not in time. Such a call "
        "is not held against a review.",
        (
            Cause(
                "The API is down, restarts, or is overloaded.",
                "Try again after a pause. Calls that write are not repeated by the gateway: look whether it took "
                "effect.",
            ),
            Cause(
                "The operator configured another address, or the API trusts another certificate.",
                "Operators: look at the log line with the trace id, and at the route of the policy.",
            ),
        ),
        explains=(
            "upstream-down",
            "upstream-slow",
        ),
    ),
    Article(
        "not-recorded",
        "The call could not be recorded",
        "A call that cannot be kept as evidence is not answered, or a review could not be trusted. It did not reach "
        "the API, or its answer was held back.",
        (
            Cause(
                "The database is busy, full or away for a moment.",
                "Try again in a moment. It does not count against you.",
            ),
            Cause(
                "Operators: the disk is full, or the recorder's queue is.",
                "See /readyz, the metrics, and the log.",
            ),
        ),
        explains=("not-recorded",),
    ),
    Article(
        "out-of-reach",
        "The server cannot reach its database",
        "Without its database the server knows for a few seconds only what it may trust; then it answers 503.",
        (
            Cause(
                "A restart or fail-over of the database.",
                "Try again in a moment. Tokens stay good.",
            ),
            Cause(
                "Operators: address, password or network of the database changed.",
                "Look at /readyz and the log.",
            ),
        ),
        explains=("out-of-reach",),
    ),
    Article(
        "busy",
        "Too much at this moment",
        "Passwords are checked slowly on purpose, and more people sign in at once than can be served. Nothing is "
        "wrong with what you sent.",
        (
            Cause(
                "Many people sign in at the same moment, or somebody tries passwords.",
                "Try again in a minute.",
            ),
            Cause(
                "A program signs in by password for each run.",
                "Give it a personal access token, or an integration key.",
            ),
        ),
        explains=("sign-ins-wait",),
    ),
    Article(
        "unexpected",
        "Something failed on the server's side",
        "An error that nobody foresaw. The answer says nothing of it; the log has it beside the trace id.",
        (
            Cause(
                "A fault of the program.",
                "Try once more. If it stays, tell your operator the trace id: X-DocuSign-TraceToken of the answer, "
                "or the foot of the page.",
            ),
        ),
        explains=("unexpected",),
    ),
    Article(
        "not-a-gateway",
        "The ingest credential is not known",
        "A gateway asked for a decision, or brought log lines, with a credential that is none of this environment.",
        (
            Cause(
                "The credential is of the other environment, or was replaced.",
                "An operator makes one for each gateway and environment with keysteward gateways add.",
            ),
            Cause(
                "The file holds more than the credential, or less.",
                "It is one line; compare its beginning with keysteward gateways list.",
            ),
        ),
        explains=("not-a-gateway",),
    ),
    Article(
        "gateway-question",
        "A gateway's question cannot be read",
        "A proxy that asks for a decision must say method, address and host of the call that it asks about.",
        (
            Cause(
                "The proxy's configuration lacks a header, or sends the address without its leading slash.",
                "Copy the shipped configuration of docs/guides/check-mode.md again.",
            ),
            Cause(
                "A second proxy in front rewrites these headers.",
                "Let only the proxy that asks set them.",
            ),
        ),
        explains=("unknown-request",),
    ),
    Article(
        "log-lines",
        "A log line was not taken",
        "Outcomes come as lines of the gateway's log, each with the decision id that it was given for the call.",
        (
            Cause(
                "The line is of another gateway, or has no decision id of ours.",
                "Log the id that the decision's answer carries.",
            ),
            Cause(
                "The line is not JSON, or too long.",
                "Use the shipped log format.",
            ),
            Cause(
                "Another outcome of the same call came first. Two programs may follow one log.",
                "Let one keysteward ingest follow it; look who else has the credential.",
            ),
        ),
        explains=(
            "no-such-decision",
            "bad-line",
            "outcome-known",
        ),
    ),
    Article(
        "outcome-late",
        "The outcome came too late",
        "A decision without an outcome after ten minutes stays unknown, and does not count. That cannot be mended "
        "afterwards.",
        (
            Cause(
                "The log was not followed for a while.",
                "Run keysteward ingest --follow as a service, and watch its lag.",
            ),
            Cause(
                "The proxy writes its log in large buffers.",
                "Let it flush within seconds.",
            ),
        ),
        explains=("outcome-late",),
    ),
    Article(
        "request-logging-forbidden",
        "Your profile does not allow request logging",
        "An admin of your account took this away from your permission profile.",
        (
            Cause(
                "The account forbids it for the profile DS Sender, for instance.",
                "Ask an admin: Members and request logging are theirs to set.",
            ),
        ),
        explains=("request-logging-forbidden",),
    ),
    Article(
        "request-log-full",
        "The request log is full",
        "A log holds 50 entries, then logging switches itself off. Nothing older is overwritten.",
        (
            Cause(
                "A busy user's calls filled it before the one that you look for.",
                "Download it, clear it, turn logging on again, and make the call at once.",
            ),
            Cause(
                "An impersonated user's log is full: calls land in their log, not in yours.",
                "Sign in as that user to clear it.",
            ),
        ),
        explains=("request-log-full",),
    ),
)
