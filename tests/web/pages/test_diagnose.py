"""Does an admin find out why their app is refused, without anything secret being kept?"""

import logging

import pytest

from keysteward.rules.grants import JWT_BEARER
from tests.cast import ADA, CALLBACK, MALLORY, SAM, UNKNOWN, Made
from tests.peers.databases import kept_in
from tests.polling import until
from tests.web.pages.browsing import Browser, Page, Street

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SECRET = "kss_Qm9vIHNlY3JldCBvZiBzb21lYm9keQ"


def found(page: Page) -> list[str]:
    """The titles of the articles that a page names, the likeliest first."""
    return [node.text for node in page.main.all("h2") if node.get("id").startswith("found-")]


def seen(page: Page) -> str:
    """What the page says was seen beyond the error."""
    return " ".join(node.text for node in page.main.all("li"))


def paste(browser: Browser, made: Made, text: str) -> Page:
    """Paste an error."""
    path = f"/apps/{made.key}/diagnose"
    return browser.send(browser.open(path), path, text=text)


def refreshing(made: Made, secret: str) -> dict[str, str]:
    """A refresh with some secret key."""
    return {"grant_type": "refresh_token", "refresh_token": "x", "client_id": made.key, "client_secret": secret}


def attempts(browser: Browser, made: Made, number: int) -> list[str]:
    """Where each refused request is explained, once there are so many."""

    def listed() -> list[str]:
        page = browser.open(f"/apps/{made.key}/diagnose")
        links = [link.get("href") for link in page.main.all("a")]
        return [link for link in links if "?attempt=" in link]

    until(lambda: len(listed()) == number)
    return listed()


def test_what_our_server_says_is_explained(street: Street, ada: Browser, made: Made) -> None:
    """The real answers of the token endpoint, the API and the consent page, pasted as they came, name their causes."""
    town, demo = street.town, street.town.demo
    ask = {
        "consent_required": {"grant_type": JWT_BEARER, "assertion": town.assertion(demo, made, SAM)},
        "user_not_found": {"grant_type": JWT_BEARER, "assertion": town.assertion(demo, made, SAM, sub=UNKNOWN)},
        "issuer_not_found": {"grant_type": JWT_BEARER, "assertion": town.assertion(demo, made, SAM, aud="x")},
        "unsupported_grant_type": {"grant_type": "password", "client_id": made.key},
        "invalid_client": refreshing(made, "wrong"),
    }
    for word, form in ask.items():
        answer = street.ask("POST", "/oauth/token", form, **FORM)
        page = paste(ada, made, f"HTTP/1.1 {answer.status_code} Bad Request\r\n\r\n{answer.text}")
        assert found(page)[0].startswith(word), (word, answer.text, found(page))

    call = street.ask("GET", "/restapi/v2.1/accounts/x", Authorization="Bearer nonsense")
    assert found(paste(ada, made, call.text))[0].startswith("AUTHORIZATION_INVALID_TOKEN")
    asked = f"/oauth/auth?response_type=code&scope=signature&client_id={made.key}&redirect_uri=https://x.example/"
    shown = street.ask("GET", asked)
    assert found(paste(ada, made, shown.text)) == ["The redirect URI is not registered"]


def test_refused_requests_are_listed_and_explained(street: Street, ada: Browser, made: Made) -> None:
    """A refused token request, and a refused sign-in page, stand on the page with what only the server saw."""
    town, demo = street.town, street.town.demo
    late = town.assertion(demo, made, SAM, iat=int(demo.machine_clock()) + 600)
    street.ask("POST", "/oauth/token", {"grant_type": JWT_BEARER, "assertion": late}, **FORM)
    (ahead,) = attempts(ada, made, 1)
    sent = f"client_id={made.key}&redirect_uri={CALLBACK}/%3Fcode%3D{SECRET}"
    street.ask("GET", f"/oauth/auth?response_type=code&scope=signature&{sent}")
    uri, _ = attempts(ada, made, 2)
    street.ask("POST", "/oauth/token", refreshing(made, SECRET), **FORM)
    wrong, _, _ = attempts(ada, made, 3)

    assert "iat or nbf lies in the future" in seen(ada.open(ahead))
    assert f"Registered is {CALLBACK}: the slash at the end differs." in seen(ada.open(uri))
    assert found(ada.open(wrong)) == ["invalid_client: the app could not prove itself"]
    assert SECRET.encode() not in kept_in(demo)


def test_what_is_so_for_the_key_stands_first(street: Street, made: Made) -> None:
    """A key that went live without settings is told what it lacks, by its own facts."""
    town = street.town
    town.pass_review(made)
    town.promote(town.present(made))
    page = paste(street.signed_in(ADA, "production"), made, '{"error":"invalid_client"}')

    assert "This is so for Lease signer The app has no secret key in production" in page.main.text


def test_a_failed_call_is_explained(street: Street, ada: Browser, made: Made) -> None:
    """A call that failed leads from its row to its causes."""
    street.town.call(made, status=400)
    page = ada.open(f"/apps/{made.key}/diagnose")
    (link,) = [link.get("href") for link in page.main.all("a") if "?call=" in link.get("href")]
    explained = ada.open(link)

    assert found(explained) == ["A value cannot be taken"]
    assert "was answered 400 INVALID_REQUEST_PARAMETER." in seen(explained)


def test_what_is_pasted_is_neither_kept_nor_logged_nor_shown(
    street: Street, ada: Browser, made: Made, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Secrets, tokens and private keys in a pasted text are nowhere afterwards: not on the page, in no log, no row."""
    planted = ["-----BEGIN PRIVATE KEY-----MIIEvQIBADANBg", SECRET, "eyJhbGciOi.J9.c2ln", "hunter2hunter2"]
    address = f"https://ada:{planted[3]}@x/?redirect_uri=https%3A%2F%2Fa%3A{planted[3]}%40x.example%2F%3Ft%3D{SECRET}"
    with caplog.at_level(logging.DEBUG):
        page = paste(ada, made, " ".join(['{"error":"consent_required"}', address, *planted]))
    out, err = capfd.readouterr()

    assert found(page)[0].startswith("consent_required")
    for secret in planted:
        assert secret not in str([node.attributes for node in page.root.walk()]) + page.root.text
        assert secret not in caplog.text + out + err
        assert secret.encode() not in kept_in(street.town.demo)


def test_an_empty_paste_and_an_unknown_text_are_told(ada: Browser, made: Made) -> None:
    """Nothing to read is said at the field; a text about nothing leads to the help."""
    empty = paste(ada, made, "  ")

    assert (empty.status, empty.error_at("text")) == (422, "Paste what you were answered.")
    assert "Nothing in this text is known here" in paste(ada, made, "good morning").main.text


def test_nobody_else_diagnoses_a_key(street: Street, made: Made) -> None:
    """Another account's admin finds no such key, whatever they ask of it."""
    mallory, path = street.signed_in(MALLORY), f"/apps/{made.key}/diagnose"

    answers = [mallory.ask("GET", path), mallory.ask("GET", f"{path}?attempt=1"), mallory.ask("POST", path, "text=x")]
    assert [answer.status for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize("query", ["attempt=x", "attempt=999", "call=-1", "call=999999999999999999"])
def test_what_is_not_there_is_not_found(ada: Browser, made: Made, query: str) -> None:
    """A number of nothing leads nowhere."""
    assert ada.open(f"/apps/{made.key}/diagnose?{query}").status == 404
