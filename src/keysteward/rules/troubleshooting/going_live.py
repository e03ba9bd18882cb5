"""What keeps a key from its review, and from going live?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

GO_LIVE: tuple[Article, ...] = (
    Article(
        "calls-in-a-row",
        "Fewer good calls in a row than a review asks",
        "A review counts the newest calls of the key back to the first that failed or read too soon. There were "
        "fewer than {calls_needed}.",
        (
            Cause(
                "Calls were made that do not count: sign-in, userinfo, login_information, the console, diagnostics, "
                "or a legacy header.",
                "Call routes below /restapi/v2.1/accounts/ with an access token of the key. The Go-Live page shows "
                "uncounted calls in grey, with the reason.",
            ),
            Cause(
                "One failure stands among them, and everything before it counts no more.",
                "Mend that call, then make {calls_needed} good ones after it.",
            ),
            Cause(
                "The calls were made with another key, or in {other}.",
                "Compare client_id with {key}. Reviews judge demo calls only.",
            ),
            Cause(
                "The API behind the gateway failed with 5xx. Such calls neither count nor break the run.",
                "Repeat them.",
            ),
        ),
        finds=("calls-in-a-row",),
    ),
    Article(
        "no-errors",
        "A call among the newest failed",
        "A call with status 400 or above breaks the run. It stays among the newest until {calls_needed} good calls "
        "came after it.",
        (
            Cause(
                "A call was tried that could not work: an id that was deleted, a missing field, a scope that is "
                "missing.",
                "The finding names call, status and error code. Look it up here, mend it, and make {calls_needed} "
                "good calls in a row.",
            ),
            Cause(
                "A retry repeats a failing call many times.",
                "Stop on 4xx: a repeated request is refused again.",
            ),
            Cause(
                "A limit refused the call.",
                "Keep below the limits; see the headers X-RateLimit-Remaining and X-BurstLimit-Remaining.",
            ),
            Cause(
                "Somebody else tests with the same key.",
                "Use one key for each program, so that one cannot fail the other's review.",
            ),
        ),
        finds=("no-errors",),
    ),
    Article(
        "no-polling",
        "The same resource was read too soon",
        "The same GET address below an envelope came again less than {polling_minutes} minutes after the one before. "
        "It was answered, and the second one is the violation. Exactly {polling_minutes} minutes pass.",
        (
            Cause(
                "A loop waits for an envelope to be completed.",
                "Let Connect call you, or list changes since a moment once in {polling_minutes} minutes for all "
                "envelopes together.",
            ),
            Cause(
                "A page of your app reads the envelope each time somebody opens it.",
                "Keep the answer for {polling_minutes} minutes.",
            ),
            Cause(
                "Tests read what they have just created, again and again.",
                "Create another envelope for each test, or let time pass: a twin's clock can be moved.",
            ),
            Cause(
                "Two workers read the same envelopes.",
                "Let one read. What counts is key and address, not who asks.",
            ),
        ),
        finds=("no-polling",),
        signs=(
            "excessive polling does not comply",
            "hourly_envelope_polling_limit_exceeded",
            "burst_envelope_polling_limit_exceeded",
        ),
    ),
    Article(
        "within-a-day",
        "The calls lie too far apart",
        "The newest {calls_needed} good calls must lie within {window_hours} hours. There were enough, spread over a "
        "longer time.",
        (
            Cause(
                "Calls are made by hand now and then.",
                "Make {calls_needed} calls in one go: the same call may be repeated, unless it reads one envelope "
                "again.",
            ),
        ),
        finds=("within-a-day",),
    ),
    Article(
        "recent",
        "The newest call is too old",
        "The newest call must be at most {window_hours} hours old when the review is started.",
        (
            Cause(
                "The calls were made some days ago, and the review is pressed today.",
                "Make {calls_needed} calls again, then start the review.",
            ),
            Cause(
                "The key is used in production already, and demo lies idle.",
                "A review is about demo calls: run the program there once.",
            ),
        ),
        finds=("recent",),
    ),
    Article(
        "rule-of-a-pack",
        "A rule of this provider's own",
        "Beside the rules that every review asks, whoever runs {environment} may ask more for their own API: "
        "operations that must be called, operations that must not, another idea of success.",
        (
            Cause(
                "The rule's sentence on the Go-Live page says what it asks, and the finding says what was seen.",
                "Make the calls that it asks for, then as many good calls in a row as the review needs.",
            ),
            Cause(
                "The rule came with a newer policy, after you had made your calls.",
                "The page shows the policy's version; make new calls.",
            ),
        ),
    ),
    Article(
        "reviews-are-in-demo",
        "Reviews take place in demo",
        "A review judges demo calls, so it is started in demo. The key's page in production has no review.",
        (
            Cause(
                "The page or program points to production.",
                "Open the app at {other_origin}.",
            ),
        ),
        explains=("reviews-are-in-demo",),
    ),
    Article(
        "already-under-review",
        "The key is under review",
        "A review has begun and is settled in a moment; a second one cannot begin beside it.",
        (
            Cause(
                "The button was pressed twice, or two admins pressed it.",
                "Wait; the page shows the result by itself.",
            ),
            Cause(
                "The integration type asks for a person, who has not answered.",
                "Look at the review's page for questions, and answer them there.",
            ),
        ),
        explains=("already-under-review",),
    ),
    Article(
        "already-passed",
        "The key has passed its review",
        "A passed review is good for {review_days} days; another one would change nothing.",
        (
            Cause(
                "The key is ready, and nobody pressed Go Live.",
                "Press Go Live on the review results page.",
            ),
        ),
        explains=("already-passed",),
    ),
    Article(
        "already-live",
        "The key is live already",
        "It has been promoted to production. What is changed in demo afterwards stays in demo.",
        (
            Cause(
                "You look for what is missing in production.",
                "Sign in to {other_origin}, open the app there and look at After Go-Live.",
            ),
            Cause(
                "A changed program shall be reviewed again.",
                "Nothing demands that; a new app takes a new key.",
            ),
        ),
        explains=("already-live",),
    ),
    Article(
        "review-not-passed",
        "There is no passed review",
        "Going live needs a review that passed and has not expired.",
        (
            Cause(
                "The review failed, or was never started.",
                "Look at its findings on the Go-Live page, mend them and start again. That costs nothing and harms "
                "nothing.",
            ),
            Cause(
                "It passed for another key.",
                "Open the app whose key you want to promote: {key}.",
            ),
        ),
        explains=("review-not-passed",),
    ),
    Article(
        "review-expired",
        "The review has expired",
        "A review that passed is good for {review_days} days. The key was not brought to production within them.",
        (
            Cause(
                "The production account was not ready in time.",
                "Make {calls_needed} good calls in demo and start the review again; with a program that works it "
                "takes minutes.",
            ),
        ),
        explains=("review-expired",),
    ),
    Article(
        "handle-not-good",
        "The Go-Live link does not work any more",
        "Go Live gives the browser a link for one use and {handle_minutes} minutes.",
        (
            Cause(
                "It is older than {handle_minutes} minutes, was used, or Go Live was pressed again, which ends the "
                "older one.",
                "Press Go Live again on the review results page in demo.",
            ),
            Cause(
                "Somebody sent the link to a colleague.",
                "The one who presses Go Live goes on to production; or they name the production account's GUID "
                "there, so that any of its admins may.",
            ),
            Cause(
                "The pages were restored after a crash of the browser.",
                "Begin again in demo.",
            ),
        ),
        explains=("handle-not-good",),
    ),
    Article(
        "promotions-are-in-production",
        "Promotions take place in production",
        "A key is taken over where it will live. This request came to demo.",
        (
            Cause(
                "The program sends the handle to the environment that issued it.",
                "Send it to the other one: POST {other_origin}/api/v1/promotions.",
            ),
        ),
        explains=("promotions-are-in-production",),
    ),
    Article(
        "other-environment-silent",
        "The other environment does not answer",
        "Going live needs demo and production for a moment at the same time: production exchanges the handle with "
        "demo.",
        (
            Cause(
                "The other environment is down or restarts.",
                "Try again in a moment; the handle stays good for {handle_minutes} minutes, and nothing was half done.",
            ),
            Cause(
                "Operators: the other origin is wrong, a firewall stands between, or its certificate is not trusted.",
                "Check --other-origin and --ca-file, and ask {other_origin}/readyz from this host.",
            ),
        ),
        explains=("other-environment-silent",),
    ),
    Article(
        "ticket-not-good",
        "The promotion's ticket is not valid",
        "The signed paper that stands for the passed review cannot be used here: it expired after an hour, is not "
        "meant for this environment, or was not signed by its counterpart.",
        (
            Cause(
                "More than an hour went by between Go Live and the choice of an account.",
                "Press Go Live again.",
            ),
            Cause(
                "Operators: one environment was set up anew, so that it signs with another paper key.",
                "Each must name the other's origin; see docs/guides/serving.md.",
            ),
        ),
        explains=("ticket-not-good",),
    ),
    Article(
        "not-the-presenter",
        "This promotion was started by somebody else",
        "Whoever takes a key into production must be the one who pressed Go Live, told by their verified address; or "
        "the account was named there.",
        (
            Cause(
                "You have another address in production than in demo.",
                "Let the account's GUID be named when Go Live is pressed; then any admin of it may choose it.",
            ),
            Cause(
                "A colleague pressed Go Live.",
                "Let them finish it, or press it yourself.",
            ),
        ),
        explains=("not-the-presenter",),
    ),
    Article(
        "wrong-plan",
        "The account is not the right type",
        "The production account's plan is below {least_plan}, so it cannot hold live keys.",
        (
            Cause(
                "It is a trial, a personal or a standard plan.",
                "Choose another account, or have the plan changed to {least_plan} or above.",
            ),
            Cause(
                "You are in several production accounts and took the wrong one.",
                "The page lists all of them, and says of each why not.",
            ),
            Cause(
                "A trial was taken for a developer account.",
                "Developer accounts live in demo. Production needs a paid plan.",
            ),
        ),
        explains=("wrong-plan",),
        signs=("account is not the right type",),
    ),
    Article(
        "key-exists",
        "The key is in production already",
        "A GUID is used once in production, for ever: even after the key was deleted there.",
        (
            Cause(
                "It was promoted before, perhaps by a colleague into another account.",
                "Ask whoever started its reviews; the demo page says into which account it went.",
            ),
            Cause(
                "It was deleted in production.",
                "Restore it there within {restore_days} days, or create a new key in demo.",
            ),
        ),
        explains=("key-exists",),
    ),
    Article(
        "account-not-open",
        "The account is suspended or closed",
        "Nothing can be created, promoted or called in an account that is not open.",
        (
            Cause(
                "It was suspended, for instance for an unpaid bill, or closed by its admins.",
                "Ask the operator of {environment}, or choose another account.",
            ),
        ),
        explains=("account-not-open",),
    ),
)
