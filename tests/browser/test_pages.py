"""Is every page of the console in order: for eyes, keyboards, screen readers, phones, and without JavaScript?"""

from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from tests.browser.everywhere import Scene, everywhere, settled
from tests.browser.judging import AXE, Looker, visits
from tests.browser.pages import BEST, NO_PAGES, PAGES, Shown, pages_of_the_console, routes_looked_at

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
ENLARGED: tuple[ViewportSize, ...] = ({"width": 640, "height": 450}, {"width": 320, "height": 256})
BY_KEYBOARD = {"home", "apps", "new app", "app live", "app go-live thirteen", "usage", "custody", "security", "sign in"}
USUAL = [shown for shown in PAGES if shown.file in BEST.values() or shown.name in BY_KEYBOARD]
AT_LENGTH = [pytest.mark.long, pytest.mark.timeout(1_800)]

Faults = dict[str, list[str]]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Scene]:
    """A twin that has something everywhere."""
    with everywhere(tmp_path_factory.mktemp("pages") / "twin") as twin:
        yield settled(twin, browser)


def test_every_page_is_looked_at() -> None:
    """A page that nobody put into the list would be looked at by nobody."""
    assert pages_of_the_console() - set(routes_looked_at()) - set(NO_PAGES) == set()


def test_every_state_has_a_name_of_its_own() -> None:
    """Pictures and faults are called by it."""
    assert len({shown.file for shown in PAGES}) == len(PAGES)


@pytest.mark.parametrize("pages", [USUAL, pytest.param(PAGES, marks=AT_LENGTH)], ids=["usual", "all"])
def test_every_page_is_in_order(scene: Scene, browser: Browser, pages: Sequence[Shown]) -> None:
    """On a desktop by the whole of axe-core, and on a phone it fits; nothing is asked elsewhere, nothing complains."""
    context = window(browser, DESKTOP)
    faults: Faults = {}
    for shown, looker in visits(scene, context, pages):
        faults[shown.file] = [*looker.faults(shown)]
        looker.unfold()
        faults[shown.file] += [*looker.sideways(), *looker.axe()]
        looker.page.set_viewport_size(PHONE)
        faults[shown.file] += looker.sideways()
        looker.page.set_viewport_size(DESKTOP)
    context.close()

    assert only(faults) == {}, told(faults)


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_in_order_on_a_phone(scene: Scene, browser: Browser, scheme: str) -> None:
    """By the whole of axe-core too, by day and by night; and at 200 %, where a desktop has 640 pixels, a phone 320."""
    context = window(browser, PHONE, color_scheme=scheme)
    faults: Faults = {}
    for shown, looker in visits(scene, context, PAGES):
        faults[shown.file] = [*looker.faults(shown)]
        looker.unfold()
        faults[shown.file] += [*looker.sideways(), *looker.axe()]
        for size in ENLARGED:
            looker.page.set_viewport_size(size)
            faults[shown.file] += looker.sideways()
        looker.page.set_viewport_size(PHONE)
    context.close()

    assert only(faults) == {}, told(faults)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_every_page_is_in_order_in_the_dark(scene: Scene, browser: Browser) -> None:
    """On a desktop too."""
    context = window(browser, DESKTOP, color_scheme="dark")
    faults = {shown.file: list(looker.axe()) for shown, looker in visits(scene, context, PAGES)}
    context.close()

    assert only(faults) == {}, told(faults)


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_works_without_javascript(scene: Scene, browser: Browser, size: ViewportSize) -> None:
    """It answers, says what it is, has its landmarks, fits its window, and each of its forms can be sent."""
    context = window(browser, size, java_script_enabled=False)
    faults = {shown.file: list(looker.faults(shown)) for shown, looker in visits(scene, context, PAGES)}
    context.close()

    assert only(faults) == {}, told(faults)


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_keyboard_goes_everywhere(scene: Scene, browser: Browser, size: ViewportSize) -> None:
    """The first Tab finds the way past the menus, every step is seen, and it goes on to the content."""
    context = window(browser, size)
    sample = [shown for shown in PAGES if shown.name in BY_KEYBOARD]
    faults = {shown.file: list(unreachable(looker)) for shown, looker in visits(scene, context, sample)}
    context.close()

    assert only(faults) == {}, told(faults)
    assert len(faults) >= len(BY_KEYBOARD)


def unreachable(looker: Looker) -> Iterator[str]:
    """What is wrong for somebody who has no mouse."""
    begins_in_a_field = looker.begins_in_a_field()
    steps = looker.walk()
    yield from (f"{step['name']} does not show that it has the focus" for step in steps if not step["seen"])
    if begins_in_a_field:
        return
    if not steps or steps[0]["name"] != "a Skip to the content":
        yield "the first Tab does not find the way to the content"
    if not any(step["main"] for step in steps):
        yield "the content is not reached"
    looker.page.goto(looker.page.url)
    looker.page.keyboard.press("Tab")
    looker.page.keyboard.press("Enter")
    (after, *_) = looker.walk(1)
    if not after["main"]:
        yield f"the way past the menus leads to {after['name']}"


def window(browser: Browser, size: ViewportSize, **options: object) -> BrowserContext:
    """A window in which every page has axe-core."""
    context = browser.new_context(ignore_https_errors=True, viewport=size, reduced_motion="reduce", **options)  # type: ignore[arg-type]
    context.add_init_script(path=AXE)
    return context


def only(faults: Faults) -> Faults:
    """The pages that have any."""
    return {name: found for name, found in faults.items() if found}


def told(faults: Faults) -> str:
    """A line for each fault."""
    return "\n".join(f"{name}: {fault}" for name, found in faults.items() for fault in found)
