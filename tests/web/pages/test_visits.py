"""What does a visitor see of an account that they came to in this very moment?"""

from keysteward.actions import signin
from keysteward.rules.refusals import CONFLICT
from keysteward.web.pages.visits import standing_in
from tests.cast import ACME, ADA, PASSWORD, STRANGE, Town, refused


def test_their_own_accounts_only(town: Town) -> None:
    """Where a membership came between two looks at one page, the page is read again: no failure, and no guess."""
    visitor = signin.visit(town.demo, signin.sign_in(town.demo, ADA.email, PASSWORD))

    assert standing_in(visitor, ACME.demo).is_admin
    with refused(CONFLICT):
        standing_in(visitor, STRANGE.demo)
