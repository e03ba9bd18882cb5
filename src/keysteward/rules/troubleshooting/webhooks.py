"""What goes wrong around webhooks?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

WEBHOOKS: tuple[Article, ...] = (
    Article(
        "webhook-off",
        "The webhook is switched off",
        "Nothing is sent to a webhook that took nothing for five days, or that answered 410 Gone. Its admins were told "
        "in their inbox.",
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
                "The receiver answers with a redirect, takes longer than five seconds, has an address that is not "
                "public, or a certificate that is not good.",
                "Name the final https address, answer first and work afterwards, and see to the certificate. Hosts of "
                "the own network are asked only where whoever runs this server lists them.",
            ),
        ),
        explains=("webhook-off",),
        signs=("410 gone", "webhook-signature", "did not answer within 5 seconds", "not public"),
    ),
    Article(
        "too-many-webhooks",
        "There are as many webhooks as there may be",
        "An account and an organization have at most ten webhooks each. One can be told of any kinds of notices.",
        (
            Cause("Some are of receivers that are gone.", "Remove those; the page says which fail or are off."),
            Cause(
                "Several programs want the same notices.",
                "Let one receiver take them and hand them on, or let the organization have a webhook of its own.",
            ),
        ),
        explains=("too-many-webhooks",),
    ),
)
