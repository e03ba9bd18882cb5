"""What does each kind of long work do, and what does it say at its end?"""

from collections.abc import Callable, Iterator
from pathlib import Path

from keysteward.actions import audit_log, custody, foresight, personal_data, verdict_words, works
from keysteward.actions.doing import Doing
from keysteward.actions.verification import Evidence, verify
from keysteward.rules.access import Actor
from keysteward.rules.audit_csv import csv_parts
from keysteward.rules.custody.lives import Life, status
from keysteward.rules.custody.what_if import EFFECTS, Answer
from keysteward.rules.events import Entry
from keysteward.rules.refusals import NO_SUCH_USER, Refusal
from keysteward.rules.spreadsheets import lines
from keysteward.rules.words import many
from keysteward.rules.works import WorkKind
from keysteward.store import accounts
from keysteward.store import audit_log as kept_log
from keysteward.store import custody as kept_findings
from keysteward.store.custody import Asked, Unit

_ACCOUNTS_AT_ONCE, _FINDINGS_AT_ONCE = 50, 500
_FINDING_HEADS = (
    "severity", "status", "account", "account_name", "finding", "sentence", "keys", "found_at", "who", "step",
)  # fmt: skip
_EFFECT_HEADS = ("key", "name", "account", "effect", "sentence", "because")


def _export_audit(doing: Doing) -> tuple[str, ...]:
    """Events come newest first, so their numbers say how far it is."""
    ctx, actor = doing.ctx, _demand(doing)
    with ctx.database.reading() as tx:
        question = audit_log.allowed(ctx, tx, actor, works.question_of(doing.work))
        spelled = audit_log.spelled(tx, question)
        newest = kept_log.newest_number(tx)
    found = 0

    def counted() -> Iterator[list[Entry]]:
        nonlocal found
        for entries in audit_log.list_parts(ctx, spelled):
            found += len(entries)
            yield entries
            if entries:
                doing.tell(newest - entries[-1].sequence, newest)

    doing.keep(part.encode() for part in csv_parts(counted()))
    doing.tell(newest, newest)
    return (f"{many(found, 'event', 'events')}, newest first.",)


def _verify_audit(doing: Doing) -> tuple[str, ...]:
    _demand(doing)
    verdict = verify(doing.ctx.database, Evidence(copy=_copied(doing.ctx.checkpoint_copy)), doing.tell)
    outcome = "Nothing was changed, put in or taken out." if verdict.is_good else "Something is not as it was sealed."
    says = (outcome, *verdict_words.sentences(verdict), *verdict_words.breaks(verdict))
    doing.keep(f"{line}\n".encode() for line in (f"{verdict.environment}, {doing.ctx.now:%Y-%m-%d %H:%M} UTC", *says))
    return says


def _copied(copy: Path | None) -> Iterator[str]:
    """The checkpoints of the copy outside of the database, where one is kept."""
    if copy is not None and copy.is_file():
        with copy.open() as found:
            yield from (line.rstrip("\n") for line in found)


def _audit_custody(doing: Doing) -> tuple[str, ...]:
    """Accounts first, some at a time, and the organization itself last: its score is that of their keys."""
    ctx, organization = doing.ctx, doing.work.organization
    _demand(doing)
    with ctx.database.reading() as tx:
        ids = [account.id for account in accounts.list_accounts(tx, organization)]
    for at in range(0, len(ids), _ACCOUNTS_AT_ONCE):
        custody.judge_many(ctx, [Unit("account", each) for each in ids[at : at + _ACCOUNTS_AT_ONCE]])
        doing.tell(min(at + _ACCOUNTS_AT_ONCE, len(ids)), len(ids) + 1)
    custody.judge(ctx, Unit("organization", organization))
    names = _names(doing)
    doing.keep(part.encode() for part in lines(_FINDING_HEADS, _findings(doing, names)))
    doing.tell(len(ids) + 1, len(ids) + 1)
    with ctx.database.reading() as tx:
        counts = kept_findings.count_open(tx, organization, ctx.now)
    told = ", ".join(f"{count} {severity}" for severity, count in counts.items()) or "none"
    return (f"{many(len(ids), 'account', 'accounts')} judged. Open findings: {told}.",)


def _findings(doing: Doing, names: dict[str, str]) -> Iterator[tuple[str, ...]]:
    for stands in ("open", "accepted"):
        page, total = 1, 1
        while (page - 1) * _FINDINGS_AT_ONCE < total:
            asked = Asked(status=stands, page=page, most=_FINDINGS_AT_ONCE)
            with doing.ctx.database.reading() as tx:
                found, total = kept_findings.list_page(tx, doing.work.organization, asked, doing.ctx.now)
            yield from (_finding(doing, life, names) for life in found)
            page += 1


def _finding(doing: Doing, life: Life, names: dict[str, str]) -> tuple[str, ...]:
    rule = life.rule
    stands, found_at = status(life, doing.ctx.now), f"{life.found_at:%Y-%m-%d %H:%M:%S}"
    about = (life.account, names.get(life.account, ""), life.code, life.sentence, " ".join(life.keys), found_at)
    return (life.severity, stands, *about, rule.who if rule else "", rule.step if rule else "")


def _names(doing: Doing) -> dict[str, str]:
    with doing.ctx.database.reading() as tx:
        return {each.id: each.name for each in accounts.list_accounts(tx, doing.work.organization)}


def _ask_what_if(doing: Doing) -> tuple[str, ...]:
    actor, changes, work = _demand(doing), works.changes_of(doing.work), doing.work
    if work.organization:
        answer = foresight.what_if_of_organization(doing.ctx, actor, work.organization, changes, doing.tell)
    else:
        answer = foresight.what_if(doing.ctx, actor, work.account, changes)
    doing.keep(part.encode() for part in lines(_EFFECT_HEADS, _effects(answer)))
    doing.tell(max(1, doing.total), max(1, doing.total))
    counts = [(EFFECTS[effect], sum(each.effect == effect for each in answer.consequences)) for effect in EFFECTS]
    told = [f"{many(count, 'key', 'keys')}: {words[:1].lower()}{words[1:]}" for words, count in counts if count]
    unknown = [f"No key rests on {many(len(answer.unknown), 'line', 'lines')} of the list."] if answer.unknown else []
    return (*(told or ["No key would be worse off."]), *unknown)


def _effects(answer: Answer) -> Iterator[tuple[str, ...]]:
    for each in answer.consequences:
        because = " ".join(change.subject for change in each.because)
        yield each.key.key, each.key.name, each.account, each.effect, each.sentence, because
    for change in answer.unknown:
        yield "", "", "", "unknown", "No key here rests on it.", change.subject


def _export_person(doing: Doing) -> tuple[str, ...]:
    """Nobody knows beforehand how much is held, so it says how much there is so far."""
    ctx, user = doing.ctx, str(doing.work.asked["user"])
    is_own = not doing.work.asked.get("by_operator")
    _demand(doing)
    with ctx.database.reading() as tx:
        known = personal_data.known_by(tx, user)

    def counted() -> Iterator[bytes]:
        so_far = 0
        for piece in personal_data.list_held(ctx, user, known, is_own=is_own):
            so_far += len(piece)
            doing.tell(so_far // 1024, 0)
            yield piece

    doing.keep(counted())
    return ("All that is held, without hashes, secrets and other people.",)


def _asker(doing: Doing) -> Actor:
    """Whoever asked, as they stand now."""
    with doing.ctx.database.reading() as tx:
        user = accounts.find_user(tx, doing.work.user)
    if user is None or user.state != "active":
        raise Refusal(NO_SUCH_USER)
    return Actor(user.id, user.email, doing.ctx.now)


def _demand(doing: Doing) -> Actor:
    """Whoever asked, if they still may have what comes of it."""
    actor = _asker(doing)
    with doing.ctx.database.reading() as tx:
        works.demand(doing.ctx, tx, actor, doing.work)
    return actor


DEEDS: dict[WorkKind, Callable[[Doing], tuple[str, ...]]] = {
    "audit-export": _export_audit,
    "audit-verification": _verify_audit,
    "custody-audit": _audit_custody,
    "what-if": _ask_what_if,
    "person-export": _export_person,
}
