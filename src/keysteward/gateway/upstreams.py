"""Which APIs stand behind the gateway, and over which connections are they asked?

As the policy in force says: an API that no route names any more is asked nothing, and its connections are closed once
its last answer has ended.
"""

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

from keysteward.gateway.forward import Forwarder, Upstream
from keysteward.rules.policy import Policy
from keysteward.rules.routing import SAMPLE, Route

__all__ = ["Upstream", "Upstreams"]


class Upstreams:
    """The APIs that a policy names; `sample` is the one that goes by that word."""

    def __init__(self, sample: Upstream, ca_file: Path | None) -> None:
        self._sample = sample
        self._ca_file = ca_file
        self._policy: Policy | None = None
        self._of: dict[str, Upstream] = {}
        self._forwarders: dict[str, Forwarder] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def of(self, policy: Policy, route: Route) -> Upstream:
        """What stands behind a route of the policy in force."""
        if policy is not self._policy:
            self._go_by(policy)
        return self._of[route.name]

    def forwarder(self, upstream: Upstream) -> Forwarder:
        """The connections to an API."""
        found = self._forwarders.get(upstream.url)
        if found is None:
            found = self._forwarders[upstream.url] = Forwarder(self._trust())
        return found

    async def close(self) -> None:
        """Close every connection."""
        for forwarder in self._forwarders.values():
            await forwarder.close()
        await asyncio.gather(*self._closing)

    def _go_by(self, policy: Policy) -> None:
        self._policy = policy
        self._of = {route.name: self._behind(route) for route in policy.routes}
        named = {upstream.url for upstream in self._of.values()}
        for url in self._forwarders.keys() - named:
            task = asyncio.create_task(self._forwarders.pop(url).retire())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _behind(self, route: Route) -> Upstream:
        found = self._sample if route.upstream == SAMPLE else Upstream(route.upstream, route.audience or route.name)
        silence, connect = route.silence.total_seconds(), route.connect.total_seconds()
        return replace(found, silent_seconds=silence, connect_seconds=connect)

    def _trust(self) -> ssl.SSLContext | None:
        if self._ca_file is None:
            return None
        context = ssl.create_default_context()
        context.load_verify_locations(self._ca_file)
        return context
