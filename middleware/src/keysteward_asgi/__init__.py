"""May a call of an ASGI app pass, and how did it end? Keysteward is asked before, and told afterwards."""

from keysteward_asgi.middleware import Keysteward
from keysteward_asgi.outcomes import Told

__all__ = ["Keysteward", "Told"]
