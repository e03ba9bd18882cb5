"""What goes wrong while a new key takes the place of an old one, and where recovery contacts are named?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

REPLACEMENTS: tuple[Article, ...] = (
    Article(
        "replacements-are-in-production",
        "Keys are replaced in production",
        "In demo a new key says which one it replaces. How far it has taken its place is seen in production, and there "
        "the old key retires.",
        (
            Cause(
                "The request went to demo.",
                "Open Replacements in production, or send it to the API of production.",
            ),
            Cause(
                "The new key is not live yet.",
                "Take it through its Go-Live review first; it brings along which key it replaces.",
            ),
        ),
        explains=("replacements-are-in-production",),
    ),
    Article(
        "proof-not-good",
        "Nothing of the old key was proved",
        "Whoever is no admin of the old key proves a live credential of it before they see how it is used. Whatever is "
        "wrong, the answer is the same, so that nobody learns whether a key exists.",
        (
            Cause(
                "The secret key is of another app, of demo, or was deleted.",
                "Take the one that your app sends to production today; the old key itself stays a secret of yours.",
            ),
            Cause(
                "The JWT was made for another address, is older than a few minutes, or came twice.",
                "Sign a new one with the private key of the old app, with its key as iss and sub, the address of "
                "production as aud, and a jti.",
            ),
            Cause(
                "The old key is stopped or retired, or the new key names another one.",
                "Ask an admin of the account that manages the old key; they see the cut-over without a proof.",
            ),
        ),
        explains=("proof-not-good", "too-many-proofs"),
    ),
    Article(
        "key-retired",
        "The old key is retired",
        "A key that another replaces was retired: it gets no tokens and its calls are refused. For a while it can be "
        "brought back by those who may retire it.",
        (
            Cause(
                "Something still needs the old key.",
                "Open the page of the replacement in production and press Bring the key back; its tokens work again.",
            ),
            Cause(
                "You want to start, restore or retire it.",
                "Bring it back first. Once its time is up it is gone for good; use its successor.",
            ),
            Cause(
                "Nothing is under way any more.",
                "Look at the page of the replacement again: somebody may have ended it, or it expired.",
            ),
        ),
        explains=("key-retired", "key-not-retired", "retired-for-good"),
    ),
    Article(
        "not-safe-to-retire",
        "Something still uses the old key",
        "Retiring a key is safe when nobody has called with it for a while and none of its refresh tokens is alive.",
        (
            Cause(
                "An app was not moved to the new key.",
                "The page of the replacement lists who still uses it: address, program and SDK. Move that one first.",
            ),
            Cause(
                "You know what still calls, and want it stopped.",
                "Say so when you retire the key: tick the box, or send despite_use.",
            ),
            Cause(
                "You are an operator, and the key was called with lately.",
                "Operators retire only what nobody has used for a long time. Its account or organization may sooner.",
            ),
        ),
        explains=("not-safe-to-retire", "used-lately"),
    ),
    Article(
        "not-yours-to-retire",
        "Somebody else retires this key",
        "To see how a key is replaced is one thing, to retire it another. That stays with an admin of the account that "
        "manages it, with an admin of its organization who stands in, and with operators after a long silence.",
        (
            Cause(
                "You proved a credential of the old key.",
                "That lets you look. Ask an admin of its account to retire it.",
            ),
            Cause(
                "Nobody administers its account any more.",
                "An admin of its organization stands in; otherwise ask an operator once nobody calls with it.",
            ),
        ),
        explains=("not-yours-to-retire",),
    ),
    Article(
        "recovery-contacts",
        "Naming recovery contacts",
        "A recovery contact is an address that hears when an account loses its last admin, and can ask for help then.",
        (
            Cause(
                "The address is named already.",
                "If they did not get the link, remove them and name them again.",
            ),
            Cause(
                "The account has as many as it may.",
                "Remove one that is not read any more.",
            ),
        ),
        explains=("contact-known", "too-many-contacts"),
    ),
)
