"""What do these fixtures hand to a test? Their types, for whoever writes types down."""

from pytest_keysteward.apps import App, AppFactory
from pytest_keysteward.asking import Api, Refused
from pytest_keysteward.clock import Clock
from pytest_keysteward.dns import Dns
from pytest_keysteward.faults import Faults
from pytest_keysteward.golive import GoLive, Readiness, Verdict
from pytest_keysteward.twin import Twin

__all__ = [
    "Api",
    "App",
    "AppFactory",
    "Clock",
    "Dns",
    "Faults",
    "GoLive",
    "Readiness",
    "Refused",
    "Twin",
    "Verdict",
]
