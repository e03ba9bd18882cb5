"""How is a shape made known before threads read it?

The JSON library works a shape out when it first reads one; threads that do so at the same time may crash the process.
"""

from threading import Lock
from typing import TypeVar

import msgspec

Shape = TypeVar("Shape")

_MAKING = Lock()
_KNOWN: set[object] = set()


def known(shape: type[Shape]) -> type[Shape]:
    """The shape, which is worked out by one thread alone. Whoever reads JSON or a document as a shape names it so."""
    if shape not in _KNOWN:
        with _MAKING:
            msgspec.json.Decoder(shape)
            _KNOWN.add(shape)
    return shape
