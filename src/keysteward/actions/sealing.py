"""How is a secret or private key sealed to the account's recovery recipients at the one moment it is known?

The file is sealed once more at rest: otherwise whoever has a backup of the database and a recovery identity would need
no second admin.
"""

from collections.abc import Iterable

from keysteward.actions.context import Context
from keysteward.crypto.recovery_sealing import seal_to
from keysteward.crypto.sealing import Sealer
from keysteward.rules.access import Actor
from keysteward.rules.keys import App, Keypair, Secret
from keysteward.rules.refusals import NOTHING_SEALS, Refusal
from keysteward.rules.sealed_credentials import Credential, Sealed
from keysteward.store import sealed_credentials as store
from keysteward.store.database import Connection

_MOST_HINT = 8


def seal(
    ctx: Context, tx: Connection, actor: Actor, app: App, credential: Secret | Keypair, plain: str
) -> int:  # fmt: skip
    """Seal what was just made, in the transaction that makes it; say to how many recipients."""
    recipients = store.list_recipients(tx, app.account)
    if not recipients:
        raise Refusal(NOTHING_SEALS)
    armored = seal_to([each.public_key for each in recipients], plain.encode())
    labels = tuple(each.label for each in recipients)
    sealed = Sealed(credential.id, app.account, app.key, *_known_as(credential), labels, ctx.now, actor.email)
    store.save(tx, sealed, ctx.sealer.seal(armored, _label(credential.id)))
    return len(recipients)


def may_be_sealed_again(tx: Connection, app: App, leaked: str) -> bool:
    """Whether what replaces a leaked credential is to be sealed as that one was, and can be."""
    return store.find(tx, leaked) is not None and store.count_recipients(tx, app.account) > 0


def opened(ctx: Context, tx: Connection, credential: str) -> bytes | None:
    """The armored file of a credential; None where nothing was sealed of it, or it was removed."""
    found = store.load_ciphertext(tx, credential)
    return None if found is None else ctx.sealer.open(found, _label(credential))


def seal_files_anew(tx: Connection, sealer: Sealer) -> None:
    """Another master key comes first: the files are sealed with it from now on, one by one."""
    for credential, found in _all(tx):
        label = _label(credential)
        store.change_ciphertext(tx, credential, sealer.seal(sealer.open(found, label), label))


def _known_as(credential: Secret | Keypair) -> tuple[Credential, str]:
    if isinstance(credential, Secret):
        return "secret key", credential.hint
    return "keypair", credential.thumbprint[:_MOST_HINT]


def _all(tx: Connection) -> Iterable[tuple[str, bytes]]:
    for credential in store.list_credentials(tx):
        found = store.load_ciphertext(tx, credential)
        if found is not None:
            yield credential, found


def _label(credential: str) -> str:
    return f"sealed credential {credential}"
