"""How does the cast live in an environment that `keysteward serve` runs?"""

import base64
import time
from datetime import UTC, datetime
from pathlib import Path

from keysteward.actions import golive, limits
from keysteward.actions.context import Context
from keysteward.assembly import assemble
from keysteward.rules.golive import Review
from keysteward.rules.limits import MOST_CALLS, Wish
from keysteward.rules.words import Environment
from tests.cast import ACME, ADA, SAM, Clock, Made, Person, Town, settle
from tests.peers.databases import Files
from tests.polling import until
from tests.serving.running import Answer, Home, Line

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Estate(Town):
    """The cast in one served environment, under the machine's clock.

    What is done here is done by the test's own process: for the workers it is one more worker's deed.
    """

    def __init__(self, home: Home) -> None:
        super().__init__(home.folder, time.time, homes=Files(home.folder))
        self.home = home
        self.clock = Clock(datetime.now(UTC))

    @property
    def ctx(self) -> Context:
        """The environment."""
        return self.demo if self.home.environment == "demo" else self.production

    def furnish(self) -> Made:
        """Let the cast move in, and Ada make an app; nobody counts how much it calls."""
        settle(self.ctx)
        limits.set_limits(self.ctx, ACME.id_in(self.home.environment), Wish(MOST_CALLS, MOST_CALLS), "Olga", "Load.")
        return self.create_app()

    def review(self, made: Made, *, by: Person = ADA) -> Review:
        """Start a Go-Live review and wait until the job of a worker has settled it."""
        started = golive.start_review(self.ctx, self.actor(by), made.key)
        until(lambda: golive.load_review(self.ctx, self.actor(by), made.key, started.id)[1].verdict, 60)
        return golive.load_review(self.ctx, self.actor(by), made.key, started.id)[1]

    def grant(self, line: Line, made: Made, person: Person | None = SAM) -> Answer:
        """Ask a worker for a token with the JWT grant."""
        assertion = self.assertion(self.ctx, made, person)
        return line.post("/oauth/token", {"grant_type": JWT_BEARER, "assertion": assertion})

    def access_token(self, line: Line, made: Made, person: Person = SAM) -> str:
        """A token of the JWT grant for somebody who consented."""
        self.consent(self.ctx, made, person)
        answer = self.grant(line, made, person)
        assert answer.status == 200, answer.body
        return str(answer.json["access_token"])

    def _environment(self, environment: Environment, origin: str, other: str) -> Context:
        assert environment == self.home.environment, "this process serves one environment"
        del origin, other
        ctx = assemble(self.home.settings)
        self._open.append(ctx)
        return ctx


def basic(made: Made) -> dict[str, str]:
    """How the app's server proves who it is."""
    return {"Authorization": f"Basic {base64.b64encode(f'{made.key}:{made.secret}'.encode()).decode()}"}


def bearer(token: str) -> dict[str, str]:
    """The header that a token travels in."""
    return {"Authorization": f"Bearer {token}"}


def copied(file: Path, folder: Path) -> Path:
    """A private file once more, elsewhere."""
    copy = folder / file.name
    copy.write_bytes(file.read_bytes())
    copy.chmod(0o600)
    return copy
