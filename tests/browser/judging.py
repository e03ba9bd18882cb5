"""What is wrong with a page that a browser shows?"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.everywhere import Scene, sign_in
from tests.browser.pages import Shown
from tests.setup.install import NODE

AXE = NODE / "node_modules" / "axe-core" / "axe.min.js"
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_JUDGE = """async standards => {
    const rules = {"target-size": {enabled: true}};
    const found = await axe.run({runOnly: standards, rules, resultTypes: ["violations"]});
    return found.violations.flatMap(each => each.nodes.map(node =>
        `${each.id}: ${node.target.join(" ")} ${node.any.concat(node.all).map(why => why.message).join(" ")}`));
}"""
_SHAPE = """() => {
    const count = what => document.querySelectorAll(what).length;
    return {
        title: document.title,
        landmarks: Object.fromEntries(
            ["html[lang=en]", "main", "h1", "a.skip[href='#main']"].map(what => [what, count(what)])),
        unsendable: Array.from(document.forms).filter(form =>
            !form.closest("dialog") && form.querySelector(":is(input, select, textarea):enabled:not([type=hidden])") &&
            !Array.from(form.elements).some(each => ["submit", "image"].includes(each.type))).map(form => form.action),
    };
}"""
_WIDTHS = """() => {
    const right = each => each.getBoundingClientRect().right;
    const hides = each => getComputedStyle(each).overflowX !== "visible";
    const scrolls = (each, card) => each !== card && (hides(each) || scrolls(each.parentElement, card));
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const leaving = Array.from(document.querySelectorAll(".card *")).filter(each => {
        const card = each.closest(".card");
        const isThere = each.checkVisibility() && !each.closest(".is-floating");
        return isThere && right(each) > right(card) + 1 && !scrolls(each.parentElement, card);
    });
    return [
        ...(wide > 0 ? [`the page scrolls sideways, by ${wide}`] : []),
        ...leaving.slice(0, 2).map(each => `${each.tagName.toLowerCase()} ${each.className} leaves its card`),
    ];
}"""
_FOCUS = """() => {
    const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
    const isFramed = Array.from(here.querySelectorAll("rect"))
        .some(each => each.ownerSVGElement && getComputedStyle(each).strokeWidth === "4px");
    const isOutlined = ({outlineStyle, outlineWidth}) => outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    const option = here.closest(".option");
    const isMarked = isOutlined(style) || (option && isOutlined(getComputedStyle(option)));
    const isSeen = isMarked || isFramed || style.boxShadow !== "none";
    const words = (here.textContent || here.name || "").trim().replace(/\\s+/g, " ").slice(0, 40);
    return {
        name: here === document.body ? "" : `${here.tagName.toLowerCase()} ${words}`,
        seen: isSeen && box.width > 0 && box.height > 0,
        main: Boolean(here.closest("main")),
    };
}"""


class Looker:
    """One tab that opens page after page, and remembers what each complained about."""

    def __init__(self, context: BrowserContext, origins: Sequence[str]) -> None:
        self.page = context.new_page()
        self._origins = (*origins, "data:", "about:")
        self._said: list[str] = []
        self._status = 0
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._said.append(f"error: {error}"))
        self.page.on("request", self._notice_request)
        self.page.on("requestfailed", self._notice_failure)
        self.page.on("response", self._notice_answer)

    def open(self, address: str, shown: Shown) -> Page:
        """Open a page in its state."""
        self._said.clear()
        self.page.goto(address)
        if shown.press:
            self._act(shown)
        return self.page

    def faults(self, shown: Shown) -> Iterator[str]:
        """What is wrong with the page as such."""
        shape = self.page.evaluate(_SHAPE)
        if self._status != shown.status:
            yield f"it answers {self._status}"
        if not shape["title"].endswith(f" · {shown.environment.capitalize()} · Keysteward"):
            yield f"its title is {shape['title']}"
        yield from (f"{count} times {name}" for name, count in shape["landmarks"].items() if count != 1)
        yield from (f"no button sends {action}" for action in shape["unsendable"])
        yield from self._said
        yield from self.sideways()

    def sideways(self) -> Iterator[str]:
        """What is wider than its window, or than the card that it stands in."""
        found: list[str] = self.page.evaluate(_WIDTHS)
        size = self.page.viewport_size
        yield from (f"at {size['width'] if size else 0}: {each}" for each in found)

    def unfold(self) -> None:
        """Open what is folded: it is part of the page."""
        self.page.evaluate("for (const each of document.querySelectorAll('main details.disclosure')) each.open = true")

    def axe(self) -> Iterator[str]:
        """What axe-core finds."""
        found: list[str] = self.page.evaluate(_JUDGE, _STANDARDS)
        yield from found

    def begins_in_a_field(self) -> bool:
        """Whether the page puts whoever opens it into a field, as where there is one to fill in."""
        return bool(self.page.evaluate("() => document.activeElement.matches('input[autofocus]')"))

    def walk(self, most: int = 150) -> list[dict[str, Any]]:
        """Go through a page by the Tab key: everything that gets the focus, in order, until it leaves the page."""
        steps: list[dict[str, Any]] = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            step: dict[str, Any] = self.page.evaluate(_FOCUS)
            if not step["name"]:
                break
            steps.append(step)
        return steps

    def _act(self, shown: Shown) -> None:
        for label, text in shown.typed:
            said = re.compile(f"^{re.escape(label)}(Optional)?$")
            self.page.get_by_label(said).first.fill(text)
        button = self.page.get_by_role("button", name=shown.press, exact=True).first
        with self.page.expect_navigation():
            button.click()

    def _hear(self, message: ConsoleMessage) -> None:
        is_status = message.text.startswith("Failed to load resource: the server responded with a status of")
        if message.type in {"error", "warning"} and not is_status:  # the status is judged by itself
            self._said.append(f"{message.type}: {message.text}")

    def _notice_request(self, request: Request) -> None:
        if not request.url.startswith(self._origins):
            self._said.append(f"it asks {request.url}")

    def _notice_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left while it asked again
            self._said.append(f"{request.url} failed: {request.failure}")

    def _notice_answer(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and not 300 <= response.status < 400:
            self._status = response.status
        elif response.status >= 400:
            self._said.append(f"{response.url} answers {response.status}")


def visits(scene: Scene, context: BrowserContext, pages: Iterable[Shown]) -> Iterator[tuple[Shown, Looker]]:
    """Open page after page, as the person who looks at it."""
    looker = Looker(context, scene.origins)
    for (environment, who), shown_to_them in groupby(pages, lambda shown: (shown.environment, shown.who)):
        sign_in(context, scene.twin.place(environment), who)
        for shown in shown_to_them:
            looker.open(scene.address(shown), shown)
            yield shown, looker
