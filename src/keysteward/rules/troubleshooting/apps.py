"""What goes wrong when an app is set up?"""

from keysteward.rules.troubleshooting.articles import Article, Cause

APPS: tuple[Article, ...] = (
    Article(
        "keys-start-in-demo",
        "Keys are created in demo",
        "A key comes to production by going live, never otherwise.",
        (
            Cause(
                "You look for the button in production.",
                "Create the app at {other_origin}, pass its review and promote it.",
            ),
        ),
        explains=("keys-start-in-demo",),
    ),
    Article(
        "no-such-key",
        "This account manages no such key",
        "Either no such key exists here, or another account manages it. Both are answered alike.",
        (
            Cause(
                "You are in another account than the one that manages the key.",
                "Choose the account in the head of the page, or ask the key's contact.",
            ),
            Cause(
                "The key was never promoted to production.",
                "Look at its page in demo.",
            ),
            Cause(
                "The key was mistyped.",
                "Copy it from the program's settings, in lower case.",
            ),
        ),
        explains=("no-such-key",),
    ),
    Article(
        "too-many-keys",
        "The account has as many keys as it may",
        "The number is a policy of {environment}.",
        (
            Cause(
                "Test runs create keys and leave them.",
                "Delete those that Usage calls unused, or reuse one.",
            ),
            Cause(
                "The account makes a key for each customer.",
                "One product needs one key; its customers consent.",
            ),
        ),
        explains=("too-many-keys",),
    ),
    Article(
        "too-many-credentials",
        "The app has as many credentials as it may",
        "An app may have a bounded number of secret keys and keypairs, so that somebody still knows them all.",
        (
            Cause(
                "Rotations added new ones and left the old.",
                "The page shows the last use of each: delete those that nobody uses.",
            ),
        ),
        explains=(
            "too-many-secrets",
            "too-many-keypairs",
        ),
    ),
    Article(
        "already-leaked",
        "The leak is known already",
        "This secret key or keypair was reported before, and another one was made then.",
        (
            Cause(
                "A scanner reports the same commit again.",
                "Use the new one; the old one dies by itself at the time that was chosen, or at once when you delete "
                "it.",
            ),
        ),
        explains=("already-leaked",),
    ),
    Article(
        "too-many-reports",
        "Too many reports from one network",
        "Reports of leaked values are bounded for each network and hour.",
        (
            Cause(
                "A scanner sends everything it finds, one by one.",
                "Send many values in one report, and the rest an hour later.",
            ),
        ),
        explains=("too-many-reports",),
    ),
    Article(
        "waivers-are-in-production",
        "Demo needs no waiver",
        "The implicit grant is taken in demo as it is.",
        (
            Cause(
                "The waiver was asked for in the wrong environment.",
                "Ask for it on the app's page in production.",
            ),
        ),
        explains=("waivers-are-in-production",),
    ),
    Article(
        "bad-public-key",
        "The public key cannot be used",
        "A PEM of a public key is wanted: RSA of 2,048 to 8,192 bits, or P-256.",
        (
            Cause(
                "The private key was pasted. It was not kept.",
                "Make a new pair, for a private key that was pasted somewhere is not private. Upload the half that "
                "begins with BEGIN PUBLIC KEY.",
                "openssl rsa -in private.pem -pubout",
            ),
            Cause(
                "It is a certificate, or the one-line form of SSH.",
                "Take the public key out of it.",
                "openssl x509 -in certificate.pem -pubkey -noout",
            ),
            Cause(
                "Lines were joined when it was copied.",
                "Copy it whole, with its first and last line.",
            ),
        ),
        explains=("bad-public-key",),
    ),
    Article(
        "bad-redirect-uri",
        "The redirect URI cannot be registered",
        "The sentence says why: it must be absolute, without fragment, and https, but for localhost and apps' own "
        "schemes.",
        (
            Cause(
                "http:// for a host that is not this machine.",
                "Give the app TLS, or use localhost while you develop.",
            ),
            Cause(
                "A wildcard or a fragment.",
                "Register each address; keep what varies in state.",
            ),
        ),
        explains=("bad-redirect-uri",),
    ),
    Article(
        "bad-origin",
        "The web origin cannot be registered",
        "An origin is scheme, host and port, and nothing more.",
        (
            Cause(
                "A path or a slash stands at its end.",
                "Give it as the browser sends it.",
                "https://example.com",
            ),
        ),
        explains=("bad-origin",),
    ),
    Article(
        "key-deleted",
        "The key is deleted",
        "A deleted key works nowhere and cannot be changed. It can come back for {restore_days} days.",
        (
            Cause(
                "It was deleted by mistake.",
                "Restore it on its page; its settings are there, and its tokens are dead.",
            ),
            Cause(
                "A script goes on using its id.",
                "Look at the key's history: it says who deleted it, and when.",
            ),
        ),
        explains=("key-deleted",),
    ),
    Article(
        "too-late-to-restore",
        "The key cannot come back",
        "More than {restore_days} days have gone by since it was deleted.",
        (
            Cause(
                "Nobody missed it in time.",
                "Create a new key in demo; it goes through the review as the old one did.",
            ),
        ),
        explains=("too-late-to-restore",),
    ),
    Article(
        "already-created",
        "The form was sent before",
        "The secret key or keypair was made when the form came for the first time. Its value was shown then, and is "
        "not kept.",
        (
            Cause(
                "The page was reloaded, or the button was pressed twice.",
                "If you have the value, all is well. If not, add another one and delete this one.",
            ),
        ),
        explains=("already-created",),
    ),
    Article(
        "rotation-under-way",
        "A new signing key waits already",
        "Keys that sign tokens are published before they sign. One is published and has not begun.",
        (
            Cause(
                "The command was run twice.",
                "Look with keysteward signing-keys list, and rotate again once it signs.",
            ),
        ),
        explains=("rotation-under-way",),
    ),
    Article(
        "second-operator-needed",
        "A second operator has to look at this",
        "The change loosens a number that guards keys, and one person alone may not do that.",
        (
            Cause(
                "It was meant so.",
                "Let another operator read the difference and name them with --second; or propose it in the console, "
                "where they approve it.",
            ),
            Cause(
                "It was not meant so: a longer life, a larger number.",
                "The sentence names the numbers.",
            ),
        ),
        explains=("second-operator-needed",),
    ),
)
