"""What goes wrong around webhooks?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

WEBHOOKS: tuple[Article, ...] = (
    Article(
        "webhook-off",
        "The webhook is switched off",
        "Nothing is sent to a webhook that took nothing for as long as the policy's number webhook_off_after says, or "
        "that answered 410 Gone. Its admins were told in their inbox.",
        (
            Cause(
                "The receiver is gone, or its address has changed.",
                "Make a webhook for the new address, replay to it what the old one missed, and remove the old one.",
            ),
            Cause(
                "The receiver refuses what it is sent. The log on the webhook's page has the status and the first "
                "bytes of each answer.",
                "Mend it; a signature that does not match is mostly a body that was parsed before it was verified, or "
                "an old signing secret. Then switch the webhook on, send a test, and replay what it missed.",
            ),
            Cause(
                "The receiver answers with a redirect, does not answer in time, has an address that is not "
                "public, or a certificate that is not good.",
                "Name the final https address, answer first and work afterwards, and see to the certificate. Hosts of "
                "the own network are asked only where whoever runs this server lists them.",
            ),
        ),
        explains=("webhook-off",),
        signs=("410 gone", "webhook-signature", "did not answer within", "not public"),
    ),
    Article(
        "too-many-webhooks",
        "There are as many webhooks as there may be",
        "An account and an organization have as many webhooks each as the policy's number webhooks_per_owner says. One "
        "can be told of any kinds of notices.",
        (
            Cause("Some are of receivers that are gone.", "Remove those; the page says which fail or are off."),
            Cause(
                "Several programs want the same notices.",
                "Let one receiver take them and hand them on, or let the organization have a webhook of its own.",
            ),
        ),
        explains=("too-many-webhooks",),
    ),
    Article(
        "too-many-webhook-repeats",
        "No more tests and repeats within this hour",
        "So that nobody makes this server hammer at an address, a webhook is sent only so many messages within an hour "
        "that somebody asked for: tests, and deliveries that are sent again. An hour begins with the first of them. "
        "What happens by itself is not counted, and nobody waits for it.",
        (
            Cause(
                "Much was missed, and all of it was asked for at once.",
                "Go on when the hour is over. The oldest go first, and the answer says from when on the others are "
                "left; everything stays in the log meanwhile.",
            ),
            Cause(
                "A program sends tests or repeats in a loop.",
                "Let it send one test and read the log, on the webhook's page or below it in the API. A delivery that "
                "failed is tried again by itself.",
            ),
            Cause(
                "More is needed here as a rule.",
                "Whoever runs this server raises webhook_repeats_per_hour in the policy.",
            ),
        ),
        explains=("too-many-webhook-repeats",),
    ),
)
