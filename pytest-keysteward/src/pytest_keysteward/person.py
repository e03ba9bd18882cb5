"""How does somebody sign in, and let an app act for them? As in a browser: page by page, form by form."""

import base64
import hashlib
import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import IO
from urllib.parse import urlencode, urljoin
from urllib.response import addinfourl

from pytest_keysteward.asking import opener_of

_PERMISSIONS = (
    *("account:key:read", "account:key:write", "account:review:start", "account:key:promote"),
    *("organization:settings:read", "organization:domain:check"),
)
_MOST_STEPS = 10
_SECONDS = 30


class Stranded(Exception):
    """A page came that nobody here knows how to go on from."""


@dataclass
class _Form:
    action: str
    values: dict[str, str] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)


class _Page(HTMLParser):
    """A page with its forms."""

    def __init__(self, url: str, status: int, text: str) -> None:
        super().__init__()
        self.url = url
        self.status = status
        self.forms: list[_Form] = []
        self.heading = ""
        self._is_heading = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Gather forms, their fields and their buttons."""
        given = {name: value or "" for name, value in attrs}
        self._is_heading = tag == "h1"
        if tag == "form":
            self.forms.append(_Form(urljoin(self.url, given.get("action", ""))))
        elif self.forms and tag == "button" and given.get("name") == "decision":
            self.forms[-1].decisions.add(given.get("value", ""))
        elif self.forms and tag == "input" and given.get("name"):
            self.forms[-1].values[given["name"]] = given.get("value", "")
            self.forms[-1].kinds.add(given.get("type", "text"))

    def handle_data(self, data: str) -> None:
        """Keep what the page says first."""
        if self._is_heading:
            self.heading += data.strip()
            self._is_heading = False


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Redirects are followed one by one: the last one leads to the app, which does not exist."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Follow nothing."""
        del req, fp, code, msg, headers, newurl


class Person:
    """Somebody with an address, a password and a browser."""

    def __init__(self, origin: str, ca_file: str, email: str, password: str) -> None:
        self._origin = origin
        self._email = email
        self._password = password
        self._opener = opener_of(ca_file, urllib.request.HTTPCookieProcessor(CookieJar()), _StayHere())

    def allow(self, key: str, redirect_uri: str, scopes: tuple[str, ...]) -> None:
        """Let an app act for them: sign in where asked, and press Allow where asked."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(secrets.token_bytes(32)).digest()).rstrip(b"=").decode()
        asked = {
            "client_id": key,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(scopes),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        back = self._go(f"{self._origin}/oauth/auth?{urlencode(asked)}", redirect_uri)
        if "code=" not in back:
            raise Stranded(f"{self._email} could not allow the app: it was told {back}")

    def personal_token(self) -> str:
        """Sign in to the console and make a personal access token."""
        self._go(f"{self._origin}/signin", f"{self._origin}/")
        body = json.dumps({"name": "pytest-keysteward", "permissions": _PERMISSIONS, "days": 90}).encode()
        with self._open(f"{self._origin}/api/v1/personal-access-tokens", body, "application/json") as answer:
            said = json.load(answer)
        if answer.status != 201:
            raise Stranded(f"{self._email} could not sign in to the console: {said.get('title', answer.status)}")
        return str(said["value"])

    def _go(self, url: str, goal: str) -> str:
        """Go from page to page until one leads to the goal; where that is."""
        answer: _Page | str = self._look(url)
        for _ in range(_MOST_STEPS):
            if isinstance(answer, _Page):
                answer = self._submit(answer)
            elif answer.startswith(goal):
                return answer
            else:
                answer = self._look(answer)
        raise Stranded(f"{self._email} is sent from page to page without end, from {url}")

    def _look(self, url: str, form: dict[str, str] | None = None) -> "_Page | str":
        """The page at an address, or where it leads to at once."""
        body = None if form is None else urlencode(form).encode()
        with self._open(url, body, "application/x-www-form-urlencoded") as answer:
            status = answer.status or 0
            if 300 <= status < 400:
                return urljoin(url, str(answer.headers["Location"]))
            return _Page(url, status, answer.read().decode(errors="replace"))

    def _submit(self, page: _Page) -> "_Page | str":
        form = next((each for each in page.forms if "password" in each.kinds or "allow" in each.decisions), None)
        if page.status >= 400 or form is None:
            raise Stranded(f"{self._email} does not get past {page.url}: {page.status} {page.heading}")
        said = {"email": self._email, "password": self._password} if "password" in form.kinds else {"decision": "allow"}
        return self._look(form.action, form.values | said)

    def _open(self, url: str, body: bytes | None, kind: str) -> addinfourl:
        headers = {"Accept": "text/html, application/json"}
        if body is not None:
            headers |= {"Content-Type": kind, "Origin": self._origin}
        request = urllib.request.Request(url, body, headers)  # noqa: S310 — the twin's own origin
        try:
            answer: addinfourl = self._opener.open(request, timeout=_SECONDS)
        except urllib.error.HTTPError as error:
            return error
        return answer
