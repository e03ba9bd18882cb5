"""How does a person in front of a browser come through our pages?

Cookies are kept, redirects are followed one by one, and forms are filled as they stand on the page: nothing here knows
the addresses behind the forms.
"""

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from keysteward.rules.access import PERMISSIONS
from keysteward.twin.cast import PASSWORD
from tests.twin.running import Place

_MOST_STEPS = 10


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, and its buttons as (name, value)."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """A page that came back: its status, its address, its text and its forms."""

    def __init__(self, status: int, url: str, text: str) -> None:
        super().__init__()
        self.status = status
        self.url = url
        self.text = text
        self.forms: list[Form] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Gather forms with their fields and buttons."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urljoin(self.url, given.get("action", "")), given.get("method", "get").upper()))
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", "")))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1].values[given["name"]] = given.get("value", "")
            self.forms[-1].kinds[given["name"]] = given.get("type", "text")


class Stranded(Exception):
    """The way ends on a page without the form that was looked for."""

    def __init__(self, page: Page) -> None:
        super().__init__(f"{page.status} {page.url}: {page.text}")
        self.page = page


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Each redirect is looked at before it is followed: the last one leads to a host that does not exist."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Follow nothing."""
        del req, fp, code, msg, headers, newurl


class Person:
    """Somebody with an address, a password and a browser."""

    def __init__(self, email: str, ca_file: str, password: str = PASSWORD) -> None:
        self.email = email
        self._password = password
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)),
            urllib.request.HTTPCookieProcessor(CookieJar()),
            _StayHere(),
        )

    def authorize(self, url: str, back_to: str, decision: str = "allow") -> dict[str, str]:
        """Follow an app's link, sign in where asked, decide where asked; what the app is told when it gets us back."""
        answer = self._open(url)
        for _ in range(_MOST_STEPS):
            if isinstance(answer, Page):
                answer = self._submit(answer, decision)
            elif answer.startswith(back_to):
                parts = urlsplit(answer)
                return dict(parse_qsl(parts.fragment or parts.query, keep_blank_values=True))
            else:
                answer = self._open(answer)
        raise AssertionError("the way does not end")

    def sign_in(self, place: Place) -> None:
        """Sign in to the console."""
        page = self._open(f"{place.origin}/signin")
        assert isinstance(page, Page)
        onward = self._submit(page, "")
        assert isinstance(onward, str), onward.text

    def personal_token(self, place: Place, permissions: tuple[str, ...] = tuple(PERMISSIONS)) -> str:
        """Sign in and make a personal access token."""
        self.sign_in(place)
        body = json.dumps({"name": "Build server", "permissions": permissions}).encode()
        headers = {"Content-Type": "application/json", "Origin": place.origin}
        url = f"{place.origin}/api/v1/personal-access-tokens"
        with self._opener.open(urllib.request.Request(url, body, headers, method="POST")) as answer:  # noqa: S310 — https
            return str(json.load(answer)["value"])

    def post(self, place: Place, path: str, body: object) -> tuple[int, dict[str, Any]]:
        """Send JSON with the cookies of this browser; the status, and what is answered."""
        headers = {"Content-Type": "application/json", "Origin": place.origin}
        request = urllib.request.Request(place.origin + path, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 — https
        try:
            answer = self._opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status or 0, json.load(answer)

    def fill_in(self, place: Place, path: str, action: str, **typed: str) -> "Page | str":
        """Send one form of a page, with what is typed into it."""
        page = self.look(place, path)
        form = next(form for form in page.forms if form.action == place.origin + action)
        return self._open(form.action, urlencode(form.values | typed).encode())

    def look(self, place: Place, path: str) -> Page:
        """A page, with the cookies of this browser."""
        page = self._open(place.origin + path)
        assert isinstance(page, Page), page
        return page

    def status(self, place: Place, path: str) -> int:
        """The status of a page, with the cookies of this browser."""
        answer = self._open(place.origin + path)
        return answer.status if isinstance(answer, Page) else 303

    def _submit(self, page: Page, decision: str) -> "Page | str":
        form = next((form for form in page.forms if self._is_for_me(form, decision)), None)
        if page.status >= 400 or form is None:
            raise Stranded(page)
        filled = form.values | {name: self._typed(kind) for name, kind in form.kinds.items() if self._typed(kind)}
        pressed = dict(button for button in form.buttons if button[0] and button[1] == decision)
        assert form.method == "POST"
        return self._open(form.action, urlencode(filled | pressed).encode())

    def _typed(self, kind: str) -> str:
        return {"email": self.email, "password": self._password}.get(kind, "")

    @staticmethod
    def _is_for_me(form: Form, decision: str) -> bool:
        return "password" in form.kinds.values() or ("decision", decision) in form.buttons

    def _open(self, url: str, body: bytes | None = None) -> "Page | str":
        """The page at an address, or where it redirects to."""
        request = urllib.request.Request(url, body, {"Accept": "text/html"})  # noqa: S310 — our own https origins
        if body is not None:
            parts = urlsplit(url)
            request.add_header("Origin", f"{parts.scheme}://{parts.netloc}")
        try:
            answer = self._opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            if 300 <= answer.status < 400:
                return urljoin(url, str(answer.headers["Location"]))
            return Page(answer.status, url, answer.read().decode())
