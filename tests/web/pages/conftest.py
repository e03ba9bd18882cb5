"""Who looks at the console in these tests?"""

from collections.abc import Iterator

import pytest

from tests.cast import ADA, Town
from tests.web.pages.browsing import Browser, Street, open_to_browsers


@pytest.fixture
def street(town: Town) -> Iterator[Street]:
    """Both environments of the town, answering."""
    with open_to_browsers(town) as street:
        yield street


@pytest.fixture
def ada(street: Street) -> Browser:
    """An admin of Acme, signed in to demo."""
    return street.signed_in(ADA)


@pytest.fixture
def ada_in_production(street: Street) -> Browser:
    """The same, signed in to production."""
    return street.signed_in(ADA, "production")
