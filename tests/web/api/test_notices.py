"""Does a program read the inbox that the console shows?"""

from keysteward.actions import addresses
from tests.cast import ACME, ADA, BO, MALLORY, UNKNOWN
from tests.web.api.program import House


def test_an_inbox_is_listed_narrowed_and_read(house: House) -> None:
    """Unread first, page by page; one is marked as read, then all; nobody sees another's."""
    for name in ("one", "two", "three"):
        uri = f"https://app.example.com/{name}"
        addresses.add_redirect_uri(house.town.demo, house.town.actor(ADA), house.made.key, uri)
    bo, key = house.program(BO), house.made.key
    found = bo.get(f"/notices?limit=2&kind=new-redirect-uri&key={key}")
    first = found["notices"][0]
    assert (found["unread"], found["more"], len(found["notices"])) == (3, True, 2)
    assert (first["kind"], first["account"], first["organization"], first["key"]) == (
        "new-redirect-uri", ACME.demo, None, key,
    )  # fmt: skip
    assert (first["page"], first["read_at"], first["facts"]["by"]) == (f"/apps/{key}/redirect-uris", None, ADA.email)
    read = bo.ask("POST", f"/notices/{first['id']}/read").json()
    assert (read["id"], read["read_at"]) == (first["id"], "2026-11-20T09:30:00Z")
    assert bo.ask("POST", "/notices/read").json() == {"read": 2}
    assert bo.get("/notices?unread=yes") == {"notices": [], "unread": 0, "more": False}
    assert len(bo.get("/notices?page=2&limit=2")["notices"]) == 1

    assert house.program(MALLORY).refused("POST", f"/notices/{first['id']}/read") == (404, "no-such-object", "")
    assert bo.refused("POST", f"/notices/{UNKNOWN}/read") == (404, "no-such-object", "")
    for query, field in (("kind=gossip", "kind"), ("key=none", "key"), ("unread=no", "unread"), ("page=0", "page")):
        assert bo.refused("GET", f"/notices?{query}") == (422, "invalid-field", field)
    reading = house.program(BO, permissions=frozenset({"account:key:read"}))
    assert reading.refused("GET", "/notices") == (403, "token-lacks-permission", "")
