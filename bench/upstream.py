"""What stands behind the gateway and behind nginx? An API that answers every read with the same kilobyte."""

import asyncio
import json
import socket
import sys
from typing import cast

import uvloop

_BODY = json.dumps({"envelopes": [{"envelopeId": "e" * 36, "status": "sent", "emailSubject": "s" * 900}]}).encode()
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


class _Answering(asyncio.Protocol):
    """One connection. Requests have no body, so each ends with an empty line."""

    def __init__(self) -> None:
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one and does not say so

    def data_received(self, data: bytes) -> None:
        *asked, self._unread = (self._unread + data).split(b"\r\n\r\n")
        self._transport.write(_ANSWER * len(asked))


async def _serve(listener: socket.socket) -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    sys.stdout.write(f"listening on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvloop.run(_serve(listener))
