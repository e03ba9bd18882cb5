"""Does the help explain everything that goes wrong, and is it found by what went wrong?"""

import re
from string import Formatter

import pytest

from keysteward.rules.golive import REVIEW
from keysteward.rules.grants import ASSERTION, CODE, REFRESH
from keysteward.rules.keys import Settings
from keysteward.rules.refusals import ALL, Kind, Refusal
from keysteward.rules.troubleshooting import library
from keysteward.rules.troubleshooting.articles import Article, filled, parts
from keysteward.rules.troubleshooting.attempted import Attempt, attempt, grant_asked
from keysteward.rules.troubleshooting.clues import bare, read
from keysteward.rules.troubleshooting.diagnosis import diagnose, weigh
from keysteward.rules.troubleshooting.facts import NAMES, Facts, Place, values_of
from keysteward.rules.troubleshooting.library import ARTICLES, article_of_refusal, article_of_rule, search
from keysteward.rules.troubleshooting.observed import NOTES, about_attempt, about_text
from tests.cast import CALLBACK, START, UNKNOWN
from tests.rules.examples import an_app

KEY = "70010b0c-0000-4000-8000-000000000001"
NO_KEY_SAID = (
    '{\r\n  "errorCode": "PARTNER_AUTHENTICATION_FAILED",\r\n  "message": "The specified Integrator Key was not found '
    'or is disabled. An Integrator key was not specified."\r\n}'
)
WRONG_ENVIRONMENT_SAID = (
    '{"errorCode":"USER_AUTHENTICATION_FAILED","message":"One or both of Username and Password are invalid. '
    'Invalid access token"}'
)
NAMES_OF_CHECKS = [check.__name__ for check in (*CODE, *REFRESH, *ASSERTION)]


def facts(**settings: object) -> Facts:
    """What is known of the example's app, with these settings."""
    return Facts("demo", an_app(), Settings(**settings), START)  # type: ignore[arg-type]


def found(text: str) -> list[str]:
    """The codes of the articles that a text leads to."""
    return [each.article.code for each in diagnose(read(text))]


def test_every_refusal_has_one_article() -> None:
    """No refusal is missing, none has two, and no article explains what nobody says."""
    explained = [code for article in ARTICLES for code in article.explains]

    assert sorted(explained) == sorted(kind.code for kind in ALL)


def test_every_built_in_rule_has_one_article() -> None:
    """No rule of the review is missing, and no article is about a rule that is none; packs share one."""
    assert sorted(code for article in ARTICLES for code in article.finds) == sorted(rule.code for rule in REVIEW)
    assert article_of_rule("acme/sends-envelopes").code == library.ANY_RULE_OF_A_PACK


def test_codes_of_articles_are_unique() -> None:
    """An address leads to one article."""
    codes = [article.code for article in ARTICLES]

    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.code)
def test_an_article_says_causes_and_fixes_in_whole_sentences(article: Article) -> None:
    """Every article says what it means and at least one cause with its fix; every name in braces is known."""
    texts = [article.means, *(text for cause in article.causes for text in (cause.how, cause.fix))]
    shown = [cause.shows for cause in article.causes]

    assert article.causes
    assert [text for text in texts if not text.endswith((".", "?"))] == []
    assert {name for text in (*texts, *shown) for _, name, _, _ in Formatter().parse(text) if name} <= NAMES.keys()
    assert re.fullmatch(r"[a-z0-9-]+", article.code)


def test_values_are_filled_in_and_unknown_ones_stand_apart() -> None:
    """With a key its own values stand in the text, without one the names of what to put there."""
    text, place = "Use {key} at {host} in {environment}.", Place("https://demo.example", "https://live.example")
    own = values_of(facts(), place)

    assert filled(text, own) == f"Use {an_app().key} at demo.example in demo."
    assert filled(text, {}) == "Use <integration key> at <HOST> in this environment."
    assert [part.is_known for part in parts("{key}", own)] == [True]
    assert filled("{consent_url}", own).startswith("https://demo.example/oauth/auth?response_type=code")
    assert f"client_id={an_app().key}&redirect_uri=<redirect URI>" in filled("{consent_url}", own)


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind.description], ids=lambda kind: kind.code)
def test_what_oauth_says_leads_to_its_article(kind: Kind) -> None:
    """Error and description of every refusal, as the token endpoint sends them, name its article."""
    article = article_of_refusal(kind.code)

    assert article is not None
    assert article.code in found(f'{{"error":"{kind.error}","error_description":"{kind.description}"}}')


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_a_problem_leads_to_its_article(kind: Kind) -> None:
    """A problem of our own API names its refusal, so the article is the only one."""
    problem = f'{{"type":"https://x.example/help/refusals/{kind.code}","code":"{kind.code}"}}'
    article = article_of_refusal(kind.code)

    assert article is not None
    assert found(problem)[0] == article.code


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_a_sentence_leads_to_its_article(kind: Kind) -> None:
    """The sentence of a refusal on a page or in the answer of a call, whatever was filled in, names its article."""
    values = {name: "17" for _, name, _, _ in Formatter().parse(kind.sentence) if name}
    answer = f'{{"errorCode":"{kind.error_code}","message":"{Refusal(kind, **values).sentence}"}}'
    article = article_of_refusal(kind.code)

    assert article is not None
    fixed = "".join(words for words, _, _, _ in Formatter().parse(kind.sentence)).strip()
    assert article.code in found(answer) or len(fixed) < 12


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"error":"consent_required"}', "consent-required"),
        ('{"error":"invalid_grant","error_description":"no_valid_keys_or_signatures"}', "no-valid-keys-or-signatures"),
        ('{"error":"invalid_grant","error_description":"issuer_not_found"}', "issuer-not-found"),
        ('{"error":"invalid_grant","error_description":"user_not_found"}', "user-not-found"),
        ('{"error":"invalid_grant","error_description":"invalid_subject"}', "subject-malformed"),
        ('{"error":"invalid_grant","error_description":"expired_grant"}', "assertion-expired"),
        ('{"error":"invalid_grant","error_description":"expired_client_token"}', "code-not-good"),
        ('{"error":"invalid_grant","error_description":"unauthorized_client"}', "unauthorized-client-elsewhere"),
        ('{"error":"invalid_grant"}', "issuer-not-found"),
        ('{"error":"internal_server_error","reference_id":"1"}', "bad-token"),
        ("code challenge and code challenge method required", "pkce-required"),
        ("The redirect URI is not registered properly with DocuSign", "redirect-uri-not-registered"),
        ("The account is not the right type.", "wrong-plan"),
        ("Excessive polling does not comply with DocuSign rules and limits", "no-polling"),
        ("https://app.example/cb?error=access_denied&error_description=The+user+denied+the+request.", "consent-denied"),
        ("InvalidGrantError: (invalid_grant) expired_client_token", "code-not-good"),
        (
            '(400)\nReason: Bad Request\nTrace-Token: 1\nHTTP response body: b\'{"error":"consent_required"}\'',
            "consent-required",
        ),
        ('Error: Request failed {\\"error\\":\\"invalid_client\\"}', "invalid-client"),
        (NO_KEY_SAID, "no-token"),
        (WRONG_ENVIRONMENT_SAID, "foreign-token"),
        ('{"errorCode":"AUTHORIZATION_INVALID_TOKEN","message":"x"}', "bad-token"),
        ("HOURLY_APIINVOCATION_LIMIT_EXCEEDED", "hourly-limit-exceeded"),
        ("curl: (60) SSL certificate problem: unable to get local issuer certificate", "certificate-not-trusted"),
        ("Error: self-signed certificate in certificate chain", "certificate-not-trusted"),
        ("Error: getaddrinfo ENOTFOUND account-d.docusign.com", "host-not-found"),
        ("connect ECONNREFUSED 127.0.0.1:8443", "connection-refused"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "plain-http"),
        ("SyntaxError: Unexpected token '<', \"<!doctype \"... is not valid JSON", "not-json"),
    ],
)  # fmt: skip
def test_what_others_say_leads_to_its_article(text: str, code: str) -> None:
    """The texts of Docusign's servers, of SDKs, libraries and curl name the likeliest article first."""
    assert found(text)[:1] == [code]


def test_what_comes_after_going_live_is_named_beside() -> None:
    """An error that is typical after Go-Live leads there too, behind its own article."""
    assert found('{"error":"consent_required"}') == ["consent-required", "consent-needed", "after-consent"]


def test_nothing_is_found_in_a_text_about_nothing() -> None:
    """Words that nobody of ours says lead nowhere."""
    assert [found(text) for text in ("", "good morning", "it does not work", "a" * 200_000)] == [[], [], [], []]


def test_causes_that_are_so_come_first_and_those_that_are_not_last() -> None:
    """What is known of a key orders the causes; without a key their order stays."""
    article = article_of_refusal("redirect-uri-not-registered")
    assert article is not None

    empty, full = (weigh(article.causes, each) for each in (facts(), facts(redirect_uris=(CALLBACK,))))

    assert [empty[0].bearing, full[-1].bearing] == ["so", "not so"]
    assert empty[0].cause == full[-1].cause
    assert [each.cause for each in weigh(article.causes, Facts())] == list(article.causes)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("https://app.example.com/callback/", "the slash at the end differs"),
        ("http://app.example.com/callback", "the scheme differs"),
        ("https://app.example.com:8443/callback", "the port differs"),
        ("https://www.app.example.com/callback", "the host differs"),
        ("https://app.example.com/Callback", "capital letters differ"),
        ("http://app.example.com/other", "the scheme and the path differ"),
    ],
)
def test_a_redirect_uri_is_compared_with_those_registered(sent: str, said: str) -> None:
    """How the address that was sent differs from the nearest one that is registered is said in words."""
    seen = about_attempt(
        Attempt(KEY, START, "", "redirect-uri-not-registered", "", sent), facts(redirect_uris=(CALLBACK,))
    )

    assert seen == [f"The app sent {sent}. Registered is {CALLBACK}: {said}."]


def test_a_text_about_another_key_or_environment_is_noticed() -> None:
    """A text that names another key, or the other environment, is about something else: that is said."""
    place = Place("https://demo.example", "https://live.example")
    said = read(
        f"GET https://live.example/oauth/auth?client_id={UNKNOWN}&redirect_uri=https%3A%2F%2Fa.example%2Fcb%3Fx=1"
    )

    assert about_text(said, facts(), place) == [
        f"The text names another integration key, {UNKNOWN}.",
        "The text is about live.example, which is production; this is demo.",
        "The app sent https://a.example/cb, and has no redirect URI here.",
    ]


@pytest.mark.parametrize("name", NAMES_OF_CHECKS)
def test_what_a_check_noted_is_said_in_words(name: str) -> None:
    """The private detail of a refused token request, which names a check, is a sentence for the app's admins."""
    assert NOTES[name].endswith(".")


def test_what_is_remembered_holds_no_secret() -> None:
    """Name, password, query and fragment of an address are left out, and grants are named in our words."""
    assert bare("https://ada:pw@app.example/cb?code=s3cret#token") == "https://app.example/cb"
    assert [bare(text) for text in ("", "no address", "https://[", "javascript")] == ["", "", "", ""]
    assert grant_asked({"grant_type": "s3cret"}) == "Another grant"
    assert attempt("no key", START, "JWT", "issuer-not-found", "") is None


def test_the_help_is_searched_by_every_word() -> None:
    """All words have to stand in an article; titles and codes count more than text; nothing finds all."""
    first = search("user_not_found")[0].articles[0].code

    assert first == "user-not-found"
    assert search("no such words at all anywhere zzz") == []
    assert sum(len(shelf.articles) for shelf in search("")) == len(ARTICLES)


def test_nothing_is_known_of_nobody() -> None:
    """Without an app no cause is so, and none is not so."""
    assert {each.bearing for article in ARTICLES for each in weigh(article.causes, Facts())} == {"maybe"}
