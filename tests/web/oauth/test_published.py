"""What does an environment publish of itself while its database is away?"""

import time

from tests.web.oauth.conftest import Door


def test_public_keys_outlive_the_database_for_a_minute(door: Door) -> None:
    """Whoever checks tokens by them goes on; after that they are refused as everything else is."""
    ctx = door.ctx
    published = door.ask("GET", "/oauth/jwks").json()
    ctx.keyring.catch_up(ctx.database)
    told = []
    for seconds in (30, 61):
        ctx.directory.heard(ctx.database.known_epoch, time.monotonic() - seconds)
        answer = door.ask("GET", "/oauth/jwks")
        told.append((answer.status_code, answer.json() if answer.status_code == 200 else answer.json()["error"]))

    assert told == [(200, published), (503, "temporarily_unavailable")]
