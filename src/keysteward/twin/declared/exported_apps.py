"""What would a file have to declare for an app to be as this one is?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from keysteward.actions.export import Leaked, Registered
from keysteward.rules import golive, keys
from keysteward.rules.approvals import Note
from keysteward.rules.golive import Verdict
from keysteward.rules.leaks import REPORTER
from keysteward.twin.declared.exported_calls import calls_of
from keysteward.twin.declared.exported_ways_back import deleted_at, replaced, stopped_at
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.people import MOMENT
from keysteward.twin.declared.place import Place, unless
from keysteward.twin.declared.shapes_apps import (
    Answer,
    DemoApp,
    Keypair,
    Leak,
    LegacyWaiver,
    ProductionApp,
    Question,
    Review,
    Ruling,
    Secret,
    Successor,
    Waiver,
)

Proof = TypeVar("Proof", keys.Secret, keys.Keypair)


def demo_app(place: Place, registered: Registered, *, is_live: bool) -> DemoApp:
    """What demo would have to declare."""
    app, settings = registered.app, registered.settings
    account, admins = place.account(app.account), place.admins(app.account)
    by = place.admin(app.account, app.created_by)
    leaks, reviews = _Leaks(place, registered, by), _reviews(place, registered, admins)
    return DemoApp(
        name=app.name,
        key=app.key,
        account=place.name_of(account),
        by=by,
        contact=app.contact,
        created=say_moment(app.created_at),
        integration_type=app.integration_type,
        replaces=replaced(registered),
        grants=sorted(app.grants),
        pkce_required=app.pkce_required,
        privacy_url=app.privacy_url,
        terms_url=app.terms_url,
        redirect_uris=list(settings.redirect_uris),
        origins=list(settings.origins),
        secrets=_secrets(leaks, settings, app.created_at),
        keypairs=_keypairs(place, leaks, settings, app.created_at),
        calls=calls_of(registered, place, by),
        review="live" if is_live else _review_said(registered, reviews),
        reviews=reviews,
        presented_by=admins.get(registered.presenter or ""),
        legacy_waiver=_legacy_waiver(registered),
        stopped=say_moment(app.stopped_at) if app.stopped_at else False,
        deleted=say_moment(app.deleted_at) if app.deleted_at else False,
    )


def production_app(place: Place, registered: Registered, in_demo: Registered) -> ProductionApp:
    """What production would have to declare: the app of the account that it was promoted to, whoever has it now."""
    registered = registered._replace(app=replace(registered.app, account=registered.first_account))
    app, settings = registered.app, registered.settings
    account, by = place.account(app.account), place.admin(app.account, app.created_by)
    leaks = _Leaks(place, registered, by)
    return ProductionApp(
        key=app.key,
        account=place.name_of(account),
        by=by,
        created=say_moment(app.created_at),
        name=None if app.name == in_demo.app.name else app.name,
        contact=None if app.contact == in_demo.app.contact else app.contact,
        grants=sorted(app.grants),
        pkce_required=app.pkce_required,
        privacy_url=app.privacy_url,
        terms_url=app.terms_url,
        redirect_uris=list(settings.redirect_uris),
        origins=list(settings.origins),
        secrets=_secrets(leaks, settings, app.created_at),
        keypairs=_keypairs(place, leaks, settings, app.created_at),
        calls=calls_of(registered, place, by),
        implicit_waiver=_waiver(registered),
        legacy_waiver=_legacy_waiver(registered),
        stopped=stopped_at(registered),
        deleted=deleted_at(registered),
    )


class _Leaks:
    """What leaked of an app, and what was made in its place: that needs no entry, for the report makes it again."""

    def __init__(self, place: Place, registered: Registered, creator: str | None) -> None:
        settings, admins = registered.settings, place.admins(registered.app.account)
        self._present = {each.id for each in settings.secrets} | {each.id for each in settings.keypairs}
        self._by_id = {each.leak.id: each for each in registered.leaks if each.leak.id in self._present}
        self._successors = {each.successor for each in self._by_id.values()}
        self._others = set(admins.values()) - {creator}
        recipients = place.snapshot.houses[registered.app.account].recipients
        self._sealed, self._openers = registered.sealed, [each.added_at for each in recipients]

    def listed(self, credentials: Sequence[Proof]) -> list[Proof]:
        """Those that need an entry."""
        return [each for each in credentials if each.id not in self._successors]

    def said(self, credential: keys.Secret | keys.Keypair) -> "_Said":
        """What a file says of one, beside what it is."""
        found = self._by_id.get(credential.id)
        expires = credential.expires_at
        if found is not None and expires is not None and expires >= found.leak.dies_at:
            expires = None  # it does because it leaked
        return _Said(say_moment(expires) if expires else None, self._is_sealed(credential), self._leak(found))

    def _is_sealed(self, credential: keys.Secret | keys.Keypair) -> bool:
        """Whether it is sealed to somebody who is a recipient still."""
        return credential.id in self._sealed and any(added <= credential.created_at for added in self._openers)

    def _leak(self, found: Leaked | None) -> Leak | None:
        if found is None:
            return None
        leak, successor = found.leak, found.successor
        is_found = leak.reported_by == REPORTER
        return Leak(
            reported=say_moment(leak.reported_at),
            dies=say_moment(leak.dies_at) if leak.dies_at > leak.reported_at else None,
            reason=leak.reason,
            found_at=leak.found_at if is_found else None,
            by=leak.reported_by if leak.reported_by in self._others else None,
            successor=self._successor(successor) if successor else None,
        )

    def _successor(self, successor: str) -> Successor | None:
        said = Successor(leaked=self._leak(self._by_id.get(successor)), deleted=successor not in self._present)
        return None if said == Successor() else said


class _Said(NamedTuple):
    """What a file says of a secret key or keypair, beside what it is."""

    expires: str | None
    sealed: bool
    leaked: Leak | None

    @property
    def key(self) -> str:
        """What to sort by."""
        return msgspec.json.encode(self).decode()


def _secrets(leaks: _Leaks, settings: keys.Settings, since: datetime) -> list[str | Secret]:
    """Those of one moment stand in the order of what is said of them: their ids are another twin's own."""
    said = sorted(leaks.listed(settings.secrets), key=lambda each: (each.created_at, each.reason, leaks.said(each).key))
    return [
        Secret(
            created=unless(secret.created_at, since + number * MOMENT),
            reason=secret.reason,
            **leaks.said(secret)._asdict(),
        )
        for number, secret in enumerate(said)
    ]


def _keypairs(place: Place, leaks: _Leaks, settings: keys.Settings, since: datetime) -> list[str | Keypair]:
    """A keypair whose private half lies in the folder was generated there, and would be again."""
    halves = {each.id: _public_half(place, each) or "" for each in settings.keypairs}
    listed = leaks.listed(settings.keypairs)
    said = sorted(listed, key=lambda each: (each.created_at, halves[each.id], each.reason, leaks.said(each).key))
    return [
        Keypair(
            public_key=_public_half(place, each),
            created=unless(each.created_at, since + number * MOMENT),
            reason=each.reason,
            **_without_seal(leaks.said(each), _public_half(place, each))._asdict(),
        )
        for number, each in enumerate(said)
    ]


def _without_seal(said: _Said, public_half: str | None) -> _Said:
    """Only a private half that is generated again can be sealed again."""
    return said if public_half is None else said._replace(sealed=False)


def _public_half(place: Place, keypair: keys.Keypair) -> str | None:
    return None if keypair.thumbprint in place.kept.thumbprints else keypair.public_pem


def _reviews(place: Place, registered: Registered, admins: dict[str, str]) -> list[Review]:
    """Every review that has its verdict; one that waits for it has it in a second."""
    total = len(registered.calls)
    found = []
    for review, notes in zip(registered.reviews, registered.notes, strict=True):
        if review.verdict is not None and review.settled_at is not None:
            usual = place.policy_at(review.started_at).version
            after = sum(call.sequence <= review.cut_sequence for call in registered.calls)
            said = Review(
                verdict=review.verdict,
                after_calls=None if after == total else after,
                by=admins.get(review.requester),
                started=say_moment(review.started_at),
                policy=None if review.policy_version == usual else review.policy_version,
                settled=say_moment(review.settled_at),
                questions=_questions(place, notes, admins),
                ruling=_ruling(review),
            )
            found.append(said)
    return found


def _questions(place: Place, notes: Sequence[Note], admins: dict[str, str]) -> list[str | Question]:
    """Every question with its answer, which stands right behind it."""
    found: list[Question] = []
    for note in notes:
        if note.kind == "question":
            found.append(Question(text=note.text, by=place.emails.get(note.by), at=say_moment(note.at)))
        else:
            found[-1].answer = Answer(text=note.text, by=admins.get(note.by), at=say_moment(note.at))
    return [*found]


def _ruling(review: golive.Review) -> Ruling | None:
    ruling = review.ruling
    if ruling is None:
        return None
    return Ruling(choice=ruling.choice, by=ruling.by, reason=ruling.reason, at=say_moment(ruling.at))


def _review_said(registered: Registered, reviews: list[Review]) -> Verdict | None:
    """What came of the last review; of one that waits for a person, or was declined, its own fields say it."""
    settled = [each for each in registered.reviews if each.verdict is not None]
    return None if not settled or settled[-1].pending_since is not None else reviews[-1].verdict


def _waiver(registered: Registered) -> Waiver | None:
    until, event = registered.app.implicit_until, registered.waiver
    if until is None or event is None:
        return None
    return Waiver(reason=event.data["reason"], until=say_moment(until), created=say_moment(event.at))


def _legacy_waiver(registered: Registered) -> LegacyWaiver | None:
    waiver = registered.legacy_waiver
    if waiver is None:
        return None
    until, created = say_moment(waiver.until), say_moment(waiver.made_at)
    return LegacyWaiver(owner=waiver.owner, reason=waiver.reason, until=until, by=waiver.made_by, created=created)
