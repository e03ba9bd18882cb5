"""Does the twin show every token and every component of the console, and only the twin?"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Match

from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.web.pages.style import tokens
from keysteward.web.routes import ROUTES
from keysteward.web.showing import STATIC
from tests.twin.running import Twin

TEMPLATES = STATIC.parent / "templates"
COMPONENTS = {  # a file of components, with the name that the style page and the layout import it by
    "macros.html": "ui",
    "frame.html": "frame",
    "list_parts.html": "lists",
    "history_parts.html": "past",
    "icons.html": "icons",
}
PAGE = "/_dev/style"
_MACRO = re.compile(r"{%-? macro (\w+)\(")


def used(file: Path) -> Iterator[tuple[str, str]]:
    """What a template uses of the files of components, as file and macro."""
    source = file.read_text()
    for name, known_as in COMPONENTS.items():
        yield from ((name, macro) for macro in re.findall(rf"\b{known_as}\.(\w+)", source))
    own = _MACRO.findall(source) if file.name in COMPONENTS else []
    for macro in own:
        if re.search(rf"(?<!macro )(?<![\w.]){macro}\(", source):
            yield file.name, macro
    yield from (("icons.html", name) for name in ("icon", "mark") if re.search(rf"\b{name}\(", source))


def test_every_component_is_shown() -> None:
    """Each macro of the files of components stands on the style page, by itself or inside another that does."""
    known = {(name, macro) for name in COMPONENTS for macro in _MACRO.findall((TEMPLATES / name).read_text())}
    shown = set(used(TEMPLATES / "style.html")) | set(used(TEMPLATES / "layout.html"))
    shown |= {pair for name in COMPONENTS for pair in used(TEMPLATES / name)}

    assert sorted(known - shown) == [], f"show each of them in {TEMPLATES.name}/style.html"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_browser_opens_it_without_a_token(twin: Twin, environment: Environment) -> None:
    """Every token stands there, with its swatch in the page's sheet; no secret of the twin does."""
    place = twin.place(environment)
    page = place.request("GET", PAGE, headers={"Sec-Fetch-Site": "none"})
    sheet = place.request("GET", f"{PAGE}.css", headers={"Sec-Fetch-Site": "same-origin"})

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert (sheet.status_code, sheet.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert [
        each.name for each in tokens() if f"token-{each.name}" not in page.text or each.name not in sheet.text
    ] == []
    assert (twin.folder / "dev.token").read_text().strip() not in page.text
    assert len(tokens()) > 60


def test_it_only_shows(twin: Twin) -> None:
    """Nothing can be sent to it, and the control beside it wants its token as before."""
    assert twin.demo.request("POST", PAGE).status_code == 405
    assert twin.demo.request("GET", "/_dev/clock").status_code == 401
    assert twin.demo.request("GET", f"{PAGE}/else").status_code == 401


def test_only_the_twin_has_it() -> None:
    """No route of the console leads there, so that `serve` answers nothing."""
    scope = {"type": "http", "method": "GET", "path": PAGE, "root_path": ""}

    assert [route for route in ROUTES if route.matches(scope)[0] is not Match.NONE] == []
