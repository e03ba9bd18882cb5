"""Which proxies may ask for decisions, and say how calls ended? Operators name them, each with a credential."""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.rules.decisions import Gateway
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, NOT_A_GATEWAY, Refusal
from keysteward.rules.words import new_guid
from keysteward.store import audit, gateways
from keysteward.store.database import bump_epoch, lock


class NewGateway(NamedTuple):
    """A gateway with its ingest credential, which is shown once."""

    gateway: Gateway
    credential: str


def add(ctx: Context, name: str, by: str) -> NewGateway:
    """Make an ingest credential for one gateway."""
    called, operator = checked_text(name, "name", most=100), checked_text(by, "by", most=100)
    credential = new_secret("ksg_")
    with ctx.database.writing() as tx:
        lock(tx, "record", "gateways")
        if gateways.find_by_name(tx, called):
            raise Refusal(INVALID_FIELD, field="name", reason="there is a gateway of this name already.")
        gateway = Gateway(new_guid(), called, ctx.now, operator)
        gateways.save(tx, gateway, ctx.digester.digest(credential))
        audit.record(tx, ctx.event("GatewayAdded", operator, gateway=gateway.id, name=called))
        bump_epoch(tx)
    return NewGateway(gateway, credential)


def remove(ctx: Context, name: str, by: str) -> None:
    """End a gateway's credential at once. Outcomes of its calls that have not come stay unknown."""
    operator = checked_text(by, "by", most=100)
    with ctx.database.writing() as tx:
        lock(tx, "record", "gateways")
        gateway = gateways.find_by_name(tx, " ".join(name.split()))
        if gateway is None:
            raise Refusal(NO_SUCH_OBJECT, thing="gateway")
        gateways.remove(tx, gateway.id)
        audit.record(tx, ctx.event("GatewayRemoved", operator, gateway=gateway.id, name=gateway.name))
        bump_epoch(tx)


def list_gateways(ctx: Context) -> list[Gateway]:
    """Every gateway, by name."""
    with ctx.database.reading() as tx:
        return gateways.list_all(tx)


def recognize(ctx: Context, unverified_credential: str) -> Gateway:
    """The gateway whose credential this is."""
    if not has_shape("ksg_", unverified_credential):
        raise Refusal(NOT_A_GATEWAY)
    gateway = ctx.directory.find(gateways.find, ctx.digester.digests(unverified_credential))
    if gateway is None:
        raise Refusal(NOT_A_GATEWAY, detail="of the right shape, and unknown")
    return gateway
