"""How do these tests use the console: as a browser without JavaScript does, over a real socket?"""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import requests
import uvicorn

from keysteward.actions.context import Context
from keysteward.rules.words import Environment
from keysteward.web.app import Web
from tests.cast import PASSWORD, Person, Town
from tests.polling import until

Typed = str | list[str] | None

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "path", "circle", "wbr"})


@dataclass
class Node:
    """An element with what stands inside it."""

    tag: str
    attributes: dict[str, str]
    children: list["Node | str"] = field(default_factory=list)

    def get(self, name: str) -> str:
        """An attribute, empty where it is not set."""
        return self.attributes.get(name, "")

    def walk(self) -> Iterator["Node"]:
        """The element and all below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, *tags: str) -> list["Node"]:
        """The elements of some tags."""
        return [node for node in self.walk() if node.tag in tags]

    @property
    def text(self) -> str:
        """All words, with single spaces."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())

    @property
    def value(self) -> str:
        """What stands in a field; browsers drop the first line break of a text area."""
        if self.tag == "input":
            return self.get("value")
        return "".join(child for child in self.children if isinstance(child, str)).removeprefix("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open[-1].tag == tag, f"{tag} closes {self._open[-1].tag}"
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


class Page:
    """An answer as somebody sees it."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self.location = answer.headers.get("Location", "")
        reader = _Reader()
        reader.feed(answer.text)
        reader.close()
        self.root = reader.root

    @property
    def main(self) -> Node:
        """What stands between header and footer."""
        return self.root.all("main")[0]

    @property
    def heading(self) -> str:
        """The one heading that says what the page is."""
        (heading,) = self.root.all("h1")
        return heading.text

    @property
    def notice(self) -> str:
        """What the page says was done, or could not be done, in its frame."""
        return " ".join(node.text for node in self.main.all("div") if node.get("role") == "status")

    def by_id(self, name: str) -> Node | None:
        """The element of an id."""
        return next((node for node in self.root.walk() if node.get("id") == name), None)

    def fact(self, label: str) -> str:
        """What a list of facts says behind a label."""
        pairs = zip(self.main.all("dt"), self.main.all("dd"), strict=True)
        return next(value.text for name, value in pairs if name.text == label)

    def forms(self, action: str) -> list[Node]:
        """The forms that post to a path."""
        return [form for form in self.root.all("form") if form.get("action") == action]

    def value(self, name: str) -> str:
        """What stands in a field."""
        node = self.by_id(f"field-{name}")
        assert node, name
        return node.value

    def checked(self, name: str) -> set[str]:
        """The values of a group of boxes that are ticked."""
        boxes = [node for node in self.main.all("input") if node.get("name") == name]
        return {box.get("value") for box in boxes if "checked" in box.attributes}

    def error_at(self, name: str) -> str:
        """The sentence at a field, which the field must point to; empty where there is none."""
        line, owner = self.by_id(f"field-{name}-error"), self.by_id(f"field-{name}")
        assert owner, name
        assert (line is not None) == (f"field-{name}-error" in owner.get("aria-describedby").split())
        return line.text if line else ""


class Browser:
    """A browser that keeps the cookies of one environment and runs no script."""

    def __init__(self, address: str, ctx: Context) -> None:
        self._address = address
        self.ctx = ctx
        self.cookies: dict[str, str] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def open(self, path: str) -> Page:
        """Open an address of this origin and go where it leads, as long as it leads to this origin."""
        page = self.ask("GET", path)
        for _ in range(5):
            target = page.location.removeprefix(self.ctx.origin)
            if page.status != 303 or not target.startswith("/"):
                break
            page = self.ask("GET", target)
        return page

    def send(self, page: Page, action: str, **typed: Typed) -> Page:
        """Fill in the form that posts to a path and send it; the answer is not followed."""
        return self.ask("POST", action, submission(page, action, **typed))

    def ask(self, method: str, path: str, fields: list[tuple[str, str]] | str | None = None, **headers: str) -> Page:
        """Make one request, as pages of this origin do; headers that are given stand in place of their own."""
        sent = {
            "Host": self.ctx.authority, "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers,
        }  # fmt: skip
        url = self._address + urlsplit(path)._replace(fragment="").geturl()
        answer = self._session.request(method, url, data=fields, headers=sent, allow_redirects=False, timeout=90)
        self._keep(answer)
        return Page(answer)

    def sign_in(self, person: Person, password: str = PASSWORD) -> Page:
        """Sign in by the page."""
        return self.send(self.open("/signin"), "/signin", email=person.email, password=password)

    def _keep(self, answer: requests.Response) -> None:
        said = answer.raw.headers.getlist("Set-Cookie")
        for name, cookie in (pair for line in said for pair in SimpleCookie(line).items()):
            assert cookie["secure"]
            assert cookie["httponly"]
            assert cookie["path"] == "/"
            assert not cookie["domain"]
            if cookie["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value


def submission(page: Page, action: str, **typed: Typed) -> list[tuple[str, str]]:
    """The fields of the first form that posts to a path and fits what is typed; None unticks or leaves out."""
    given = {name: [value] if isinstance(value, str) else value or [] for name, value in typed.items()}
    forms = [_filled(form) for form in page.forms(action)]
    assert forms, f"no form posts to {action}"
    hidden = {name: values for name, values in given.items() if len(forms) > 1}
    chosen = next(form for form in forms if all(form.get(name) == values for name, values in hidden.items()))
    return [(name, value) for name, values in (chosen | given).items() for value in values]


def _filled(form: Node) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for node in form.all("input", "textarea"):
        is_box = node.get("type") in {"checkbox", "radio"}
        if "disabled" not in node.attributes and (not is_box or "checked" in node.attributes):
            fields.setdefault(node.get("name"), []).append(node.value)
    return fields


class Street:
    """Both environments of a town, each open from the first browser on."""

    def __init__(self, town: Town, stack: ExitStack) -> None:
        self.town = town
        self._addresses: dict[Environment, str] = {}
        self._stack = stack

    def browser(self, environment: Environment = "demo") -> Browser:
        """A browser that nobody has signed in with yet."""
        ctx = self.town.demo if environment == "demo" else self.town.production
        if environment not in self._addresses:
            self._addresses[environment] = self._stack.enter_context(_answering(ctx))
        browser = Browser(self._addresses[environment], ctx)
        self._stack.callback(browser.close)
        return browser

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> requests.Response:  # noqa: ANN401 — as requests has it
        """One request to demo as a program makes it, followed nowhere."""
        address, ctx = self.browser()._address, self.town.demo
        sent = {"Host": ctx.authority, **headers}
        return requests.request(method, address + path, data=data, headers=sent, allow_redirects=False, timeout=90)

    def signed_in(self, person: Person, environment: Environment = "demo") -> Browser:
        """A browser in which somebody has signed in."""
        browser = self.browser(environment)
        assert browser.sign_in(person).status == 303
        return browser


@contextmanager
def open_to_browsers(town: Town) -> Iterator[Street]:
    """Let both environments of a town answer on free loopback ports for as long as the block lasts."""
    with ExitStack() as stack:
        yield Street(town, stack)


@contextmanager
def _answering(ctx: Context) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(Web(ctx), lifespan="off", log_level="warning", proxy_headers=False))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
