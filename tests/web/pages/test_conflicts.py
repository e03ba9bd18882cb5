"""Is a change refused that was made over somebody else's, and can its maker choose?"""

from keysteward.actions import keys, people, profiles
from keysteward.rules.accounts import ADMIN, VIEWER
from tests.cast import ACME, ADA, BO, SAM, Made, Town
from tests.web.pages.browsing import Browser, Page, Street


def told(page: Page) -> str:
    """What stands above a page whose form came back."""
    return page.notice


def test_an_app_is_not_changed_over_somebody_elses_change(ada: Browser, street: Street, town: Town, made: Made) -> None:
    """Whoever comes second sees what is there now, who made it so and what they typed; nothing is overwritten."""
    at = f"/apps/{made.key}"
    bo = street.signed_in(BO)
    mine, theirs = ada.open(at), bo.open(at)
    first = bo.send(theirs, f"{at}/general", name="Leases by Bo")
    late = ada.send(mine, f"{at}/general", name="Leases by Ada")
    stands = keys.view(town.demo, town.actor(ADA), made.key).app.name

    assert (first.status, late.status, stands) == (303, 412, "Leases by Bo")
    assert late.value("name") == "Leases by Ada"
    for words in (
        "Somebody changed this meanwhile",
        BO.email,
        "Leases by Bo",
        "Leases by Ada",
        "Leave it as it is now",
    ):
        assert words in told(late)


def test_pressing_once_more_puts_it_in_its_place(ada: Browser, street: Street, town: Town, made: Made) -> None:
    """The page that came back says what is there now, so its button may replace that."""
    at = f"/apps/{made.key}"
    mine = ada.open(at)
    keys.change(town.demo, town.actor(BO), made.key, keys.Change(name="Leases by Bo"))
    late = ada.send(mine, f"{at}/general", name="Leases by Ada")

    assert ada.send(late, f"{at}/general").location == f"{at}?done=saved"
    assert keys.view(town.demo, town.actor(ADA), made.key).app.name == "Leases by Ada"


def test_other_settings_may_change_meanwhile(ada: Browser, town: Town, made: Made) -> None:
    """Two tabs with different forms do not get in each other's way, nor does the same change twice."""
    at = f"/apps/{made.key}"
    general, links = ada.open(at), ada.open(f"{at}/redirect-uris")
    keys.stop(town.demo, town.actor(BO), made.key)
    saved = ada.send(links, f"{at}/links", privacy_url="https://acme.example/privacy")
    renamed = ada.send(general, f"{at}/general", name="Renamed")

    assert (saved.status, renamed.status) == (303, 303)
    assert ada.send(general, f"{at}/general", name="Renamed").status == 303


def test_grants_and_links_are_held_likewise(ada: Browser, town: Town, made: Made) -> None:
    """What was ticked and typed comes back beside what is there now."""
    at = f"/apps/{made.key}"
    grants, links = ada.open(f"{at}/authentication"), ada.open(f"{at}/redirect-uris")
    change = keys.Change(grants=frozenset({"jwt"}), privacy_url="https://acme.example/new")
    keys.change(town.demo, town.actor(BO), made.key, change)
    late = ada.send(grants, f"{at}/authentication", grants=["implicit"], require_pkce="on")
    linked = ada.send(links, f"{at}/links", privacy_url="https://acme.example/mine")

    assert (late.status, late.checked("grants"), late.checked("require_pkce")) == (412, {"implicit"}, {"on"})
    assert ("JWT" in told(late), "Implicit" in told(late)) == (True, True)
    assert (linked.status, linked.value("privacy_url")) == (412, "https://acme.example/mine")
    assert "https://acme.example/new" in told(linked)


def test_a_members_profile_is_not_changed_over_somebody_elses(ada: Browser, town: Town) -> None:
    """Two admins choose another permission profile for one member: the second is asked again."""
    at = f"/members/{SAM.demo}"
    page = ada.open(at)
    people.change_profile(town.demo, town.actor(BO), ACME.demo, SAM.demo, VIEWER.id)
    late = ada.send(page, f"{at}/profile", profile=str(ADMIN.id))
    stands = people.view(town.demo, town.actor(ADA), ACME.demo, SAM.demo).member.standing.membership.profile.id

    assert (late.status, stands, late.checked("profile")) == (412, VIEWER.id, {str(ADMIN.id)})
    assert (BO.email in told(late), VIEWER.name in told(late)) == (True, True)
    assert ada.send(late, f"{at}/profile").location == f"{at}?done=profile-given"


def test_a_profile_is_not_changed_over_somebody_elses_change(ada: Browser, town: Town) -> None:
    """Likewise for what a permission profile is called and allows."""
    made = profiles.make(
        town.demo, town.actor(ADA), ACME.demo, profiles.Draft("Readers", frozenset({"account:key:read"}))
    )
    form = f"/members/profiles/{made.id}"
    page = ada.open("/members/profiles")
    profiles.change(town.demo, town.actor(BO), ACME.demo, made.id, profiles.Draft("Readers of Bo", made.permissions))
    late = ada.send(page, form, name="Readers of Ada")
    (stands,) = [each.name for each in profiles.list_of_account(town.demo, ACME.demo) if each.id == made.id]

    assert (late.status, stands) == (412, "Readers of Bo")
    assert late.value(f"name-{made.id}") == "Readers of Ada"
    assert (BO.email in told(late), "Readers of Bo" in told(late)) == (True, True)
    assert ada.send(late, form).location == "/members/profiles?done=profile-changed"
