"""What does a browser's answer about a passkey prove? It is Web Authentication, level 3."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

_NAME = "Keysteward"


class BadPasskey(Exception):
    """The answer proves nothing. The message is for the log."""


class Party(NamedTuple):
    """Who asks: the origin of the page, and the host name that passkeys are bound to."""

    origin: str
    host_name: str


class Registered(NamedTuple):
    """A new passkey."""

    credential: str
    public_key: bytes
    uses: int


class Answer(NamedTuple):
    """What a browser answered: the text itself, the challenge and the credential that it names."""

    text: str
    unverified_challenge: bytes
    unverified_credential: str


def take_apart(text: str) -> Answer:
    """Read the challenge and the credential out of an answer; nothing of it is true yet."""
    try:
        said = json.loads(text)
        client_data = json.loads(base64url_to_bytes(said["response"]["clientDataJSON"]))
        return Answer(text, base64url_to_bytes(client_data["challenge"]), str(said["id"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadPasskey(f"the answer cannot be read: {type(error).__name__}") from None


def ask_to_register(party: Party, user: str, email: str, has: Sequence[str], challenge: bytes) -> str:
    """What a browser is asked to make a passkey with, as JSON; an authenticator in `has` makes no second one."""
    wanted = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
    )
    options = generate_registration_options(
        rp_id=party.host_name,
        rp_name=_NAME,
        user_name=email,
        user_id=user.encode(),
        challenge=challenge,
        authenticator_selection=wanted,
        exclude_credentials=_descriptors(has),
    )
    return options_to_json(options)


def ask_to_prove(party: Party, has: Sequence[str], challenge: bytes) -> str:
    """What a browser is asked to prove one of these passkeys with, as JSON."""
    options = generate_authentication_options(
        rp_id=party.host_name,
        challenge=challenge,
        allow_credentials=_descriptors(has),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def registered(answer: Answer, party: Party) -> Registered:
    """The passkey that a browser made for this party; the caller has burnt the challenge."""
    try:
        made = verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.unverified_challenge,
            expected_rp_id=party.host_name,
            expected_origin=party.origin,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise BadPasskey(f"{type(error).__name__}: {error}") from None
    return Registered(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)


def proved(answer: Answer, party: Party, known: Registered, *, is_alone: bool) -> int:
    """How often the passkey says it was used, once it has signed the challenge.

    Where it stands alone, without a password beside it, the device must have checked who holds it.
    """
    try:
        found = verify_authentication_response(
            credential=answer.text,
            expected_challenge=answer.unverified_challenge,
            expected_rp_id=party.host_name,
            expected_origin=party.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.uses,
            require_user_verification=is_alone,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise BadPasskey(f"{type(error).__name__}: {error}") from None
    return found.new_sign_count


def _descriptors(credentials: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in credentials]
