"""What should somebody know before they register an app?"""

from keysteward.rules.keys import Grant, IntegrationType

GRANT_ADVICE: dict[Grant, str] = {
    "confidential_code": "For apps with a server that can keep a secret key.",
    "public_code": "For apps without a server: single-page, mobile and desktop apps, with PKCE.",
    "implicit": "An older grant for browser apps. New apps use the authorization code grant with PKCE.",
    "jwt": "For services that act for a user who is away, after that user consented once.",
}

TYPE_ADVICE: dict[IntegrationType, str] = {
    "Private custom integration": "Your own employees, or your customer's, use it directly.",
    "Third-party integration key": "A partner's product that needs a key of your own.",
    "Public integration": "A product for many customers, who use their own accounts.",
    "Embedded integration": "Features inside your product, through your own account.",
}

MANY_GRANTS = (
    "This app registers every grant so that every client program can be tried. "
    "Register only what an app needs: each grant is one more way in."
)
