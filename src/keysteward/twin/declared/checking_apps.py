"""What of the declared apps can be seen to be wrong before anything is applied?"""

import re
from datetime import timedelta

from keysteward.rules.golive import Verdict
from keysteward.rules.keys import checked_link, checked_origin, checked_redirect_uri, checked_secret
from keysteward.rules.words import is_email
from keysteward.twin.declared.checking_ways_back import check_replaced
from keysteward.twin.declared.moments import BadMoment, read_duration
from keysteward.twin.declared.problems import Complaints
from keysteward.twin.declared.references import Known, answer_of, key_of, keypair_of, question_of, secret_of
from keysteward.twin.declared.shapes_apps import (
    Answer,
    AnyApp,
    Calls,
    DemoApp,
    Keypair,
    Leak,
    LegacyWaiver,
    Review,
    Ruling,
    Secret,
)

_LONGEST = timedelta(days=3_650)
_METHOD = re.compile(r"[A-Z]{1,10}")
_PATH = re.compile(r"/[^\s\x00-\x1f\x7f]*")


def check_apps(complaints: Complaints, path: str, here: Known) -> None:
    """The apps of one environment."""
    declared = here.apps_declared
    for number, app in enumerate(declared):
        at = f"{path}[{number}]"
        _check_identity(complaints, at, here, app)
        _check_settings(complaints, at, here, app)
        _check_credentials(complaints, at, here, app)
        if app.legacy_waiver is not None:
            _check_legacy_waiver(complaints, f"{at}.legacy_waiver", app.legacy_waiver)
        for position, calls in enumerate(app.calls):
            _check_calls(complaints, f"{at}.calls[{position}]", here, calls)
        if isinstance(app, DemoApp):
            check_replaced(complaints, f"{at}.replaces", here, app)
            _check_reviews(complaints, at, here, app)
        elif app.implicit_waiver is not None:
            complaints.check_moment(f"{at}.implicit_waiver.created", app.implicit_waiver.created)
            complaints.check_until(f"{at}.implicit_waiver.until", app.implicit_waiver.until)
    complaints.check_doubles((f"{path}[{n}].key", here.key_of(app)) for n, app in enumerate(declared))
    complaints.check_doubles(
        (f"{path}[{n}].secrets[{position}]", secret_of(secret).value)
        for n, app in enumerate(declared)
        for position, secret in enumerate(app.secrets)
    )


def check_promotions(complaints: Complaints, demo: Known, production: Known) -> None:
    """What is live in demo is declared in production, and what is in production is live in demo."""
    by_key = {key_of(app): app for app in demo.apps_declared if isinstance(app, DemoApp)}
    for number, app in enumerate(production.apps_declared):
        key = production.key_of(app)
        if key is None:
            sentence = "every key begins in demo: declare the app in demo.apps, with review = live."
            complaints.say(f"production.apps[{number}].key", sentence)
        elif by_key[key].review != "live":
            sentence = "a key enters production by its review: say review = live for it in demo.apps."
            complaints.say(f"production.apps[{number}].key", sentence)
    in_production = {production.key_of(app) for app in production.apps_declared}
    for number, app in enumerate(demo.apps_declared):
        if isinstance(app, DemoApp) and app.review == "live" and key_of(app) not in in_production:
            sentence = "say in production.apps where it is live: an entry with this key, or this name, as its key."
            complaints.say(f"demo.apps[{number}].review", sentence)


def _check_identity(complaints: Complaints, path: str, here: Known, app: AnyApp) -> None:
    if isinstance(app, DemoApp):
        complaints.check_guid(f"{path}.key", app.key)
    if app.name is not None:
        complaints.check_text(f"{path}.name", app.name)
    if app.contact is not None and not is_email(app.contact):
        complaints.say(f"{path}.contact", "give an address such as team@example.com.")
    complaints.check_reference(f"{path}.account", here.accounts, app.account)
    if app.account is None and here.account_of(app) is None:
        complaints.say(f"{path}.account", "declare an account first; an app belongs to one.")
    check_admin(complaints, f"{path}.by", here, app, app.by)


def _check_settings(complaints: Complaints, path: str, here: Known, app: AnyApp) -> None:
    for field, moment in (("created", app.created), ("stopped", app.stopped), ("deleted", app.deleted)):
        complaints.check_moment(f"{path}.{field}", moment if isinstance(moment, str) else None)
    for field, link in (("privacy_url", app.privacy_url), ("terms_url", app.terms_url)):
        with complaints.judging(f"{path}.{field}"):
            checked_link(link, field)
    for number, uri in enumerate(app.redirect_uris):
        with complaints.judging(f"{path}.redirect_uris[{number}]"):
            checked_redirect_uri(uri, here.environment)
    for number, origin in enumerate(app.origins):
        with complaints.judging(f"{path}.origins[{number}]"):
            checked_origin(origin)
    for field, given in (("redirect_uris", app.redirect_uris), ("origins", app.origins), ("grants", app.grants)):
        complaints.check_doubles((f"{path}.{field}[{number}]", each) for number, each in enumerate(given))


def _check_credentials(complaints: Complaints, path: str, here: Known, app: AnyApp) -> None:
    for number, secret in enumerate(map(secret_of, app.secrets)):
        at = f"{path}.secrets[{number}]"
        _check_credential(complaints, at, here, app, secret)
        if secret.value is not None:
            with complaints.judging(at):
                checked_secret(secret.value)
    for number, keypair in enumerate(map(keypair_of, app.keypairs)):
        at = f"{path}.keypairs[{number}]"
        _check_credential(complaints, at, here, app, keypair)
        if keypair.sealed and keypair.public_key is not None:
            complaints.say(f"{at}.sealed", "only a private half that is generated is sealed; leave out public_key.")
        if keypair.leaked is not None and keypair.leaked.found_at is not None:
            complaints.say(f"{at}.leaked.found_at", "only a secret key is found so; leave this field out.")


def _check_credential(
    complaints: Complaints, path: str, here: Known, app: AnyApp, credential: Secret | Keypair
) -> None:
    complaints.check_moment(f"{path}.created", credential.created)
    complaints.check_until(f"{path}.expires", credential.expires)
    complaints.check_text(f"{path}.reason", credential.reason, least=0, most=200)
    if credential.leaked is not None:
        _check_leak(complaints, f"{path}.leaked", here, app, credential.leaked)


def _check_leak(complaints: Complaints, path: str, here: Known, app: AnyApp, leak: Leak) -> None:
    complaints.check_moment(f"{path}.reported", leak.reported)
    complaints.check_until(f"{path}.dies", leak.dies)
    complaints.check_text(f"{path}.reason", leak.reason, least=0, most=200)
    check_admin(complaints, f"{path}.by", here, app, leak.by)
    if leak.found_at is not None and (leak.dies or leak.reason or leak.by or leak.successor):
        sentence = "what somebody found dies at once; leave out dies, reason, by and successor."
        complaints.say(f"{path}.found_at", sentence)
    if leak.successor is not None and leak.successor.leaked is not None:
        _check_leak(complaints, f"{path}.successor.leaked", here, app, leak.successor.leaked)


def _check_legacy_waiver(complaints: Complaints, path: str, waiver: LegacyWaiver) -> None:
    if not is_email(waiver.owner):
        complaints.say(f"{path}.owner", "give a person's address, such as ada@example.com.")
    complaints.check_text(f"{path}.reason", waiver.reason, most=500)
    complaints.check_text(f"{path}.by", waiver.by)
    complaints.check_moment(f"{path}.created", waiver.created)
    complaints.check_until(f"{path}.until", waiver.until)


def _check_calls(complaints: Complaints, path: str, here: Known, calls: Calls) -> None:
    if not _METHOD.fullmatch(calls.method):
        complaints.say(f"{path}.method", "give a method such as POST.")
    if calls.path is not None and not _PATH.fullmatch(calls.path):
        complaints.say(f"{path}.path", "give a path such as /restapi/v2.1/accounts/{account}/envelopes.")
    complaints.check_reference(f"{path}.user", here.users, calls.user or None)
    complaints.check_reference(f"{path}.account", here.accounts, calls.account or None)
    complaints.check_moment(f"{path}.last", calls.last)
    with complaints.judging(f"{path}.spacing"):
        if read_duration(calls.spacing) > _LONGEST / calls.count:
            raise BadMoment("these calls would take more than ten years; say a shorter time.")


def _check_reviews(complaints: Complaints, path: str, here: Known, app: DemoApp) -> None:
    for number, review in enumerate(app.reviews):
        at = f"{path}.reviews[{number}]"
        complaints.check_moment(f"{at}.started", review.started)
        complaints.check_moment(f"{at}.settled", review.settled)
        check_admin(complaints, f"{at}.by", here, app, review.by)
        _check_hearing(complaints, at, here, app, review)
        most = len(here.declared.policies) + 1
        if review.policy is not None and not 1 <= review.policy <= most:
            complaints.say(f"{at}.policy", f"choose a version that there is: 1 to {most}.")
    check_admin(complaints, f"{path}.presented_by", here, app, app.presented_by)
    _check_order(complaints, path, app.reviews, sum(each.count for each in app.calls))
    last = app.reviews[-1].verdict if app.reviews else None
    if app.review is not None and last is not None and last != _verdict_of(app):
        complaints.say(f"{path}.review", f"the last of its reviews {last}; say the same here, or leave the field out.")


def _check_hearing(complaints: Complaints, path: str, here: Known, app: DemoApp, review: Review) -> None:
    """What is asked, answered and decided about a review."""
    if review.verdict == "failed" and review.questions:
        complaints.say(f"{path}.questions", "a review that failed waits for nobody; leave it out.")
    for number, question in enumerate(map(question_of, review.questions)):
        at = f"{path}.questions[{number}]"
        complaints.check_lines(f"{at}.text", question.text)
        complaints.check_moment(f"{at}.at", question.at)
        _check_operator(complaints, f"{at}.by", here, question.by)
        if question.answer is not None:
            _check_answer(complaints, f"{at}.answer", here, app, answer_of(question.answer))
    if review.ruling is not None:
        _check_ruling(complaints, f"{path}.ruling", here, review.verdict, review.ruling)


def _check_answer(complaints: Complaints, path: str, here: Known, app: DemoApp, answer: Answer) -> None:
    complaints.check_lines(f"{path}.text", answer.text)
    complaints.check_moment(f"{path}.at", answer.at)
    check_admin(complaints, f"{path}.by", here, app, answer.by)


def _check_ruling(complaints: Complaints, path: str, here: Known, verdict: Verdict, ruling: Ruling) -> None:
    complaints.check_moment(f"{path}.at", ruling.at)
    complaints.check_lines(f"{path}.reason", ruling.reason, least=1 if ruling.choice == "declined" else 0)
    _check_operator(complaints, f"{path}.by", here, ruling.by)
    if verdict == "failed":
        complaints.say(path, "a review that failed waits for nobody; leave it out.")


def _check_operator(complaints: Complaints, path: str, here: Known, name: str | None) -> None:
    operators = {here.users.find(each.email) for each in here.declared.users if each.operator}
    if name is not None and here.users.find(name) not in operators:
        complaints.say(path, "name a user of this environment who is an operator.")


def _check_order(complaints: Complaints, path: str, reviews: list[Review], calls: int) -> None:
    done = 0
    for number, review in enumerate(reviews):
        after = calls if review.after_calls is None else review.after_calls
        if not done <= after <= calls:
            sentence = f"give {done} to {calls}: reviews stand in their order, each behind the calls that it judges."
            complaints.say(f"{path}.reviews[{number}].after_calls", sentence)
        done = min(max(done, after), calls)


def _verdict_of(app: DemoApp) -> str | None:
    return "passed" if app.review == "live" else app.review


def check_admin(complaints: Complaints, path: str, here: Known, app: AnyApp, name: str | None) -> None:
    """Somebody who may manage an app, where somebody is named."""
    if name is None:
        return
    user = here.users.find(name)
    if user is None:
        complaints.say(path, here.users.why_not(name))
    elif here.account_of(app) is not None and user not in here.admins_of(app):
        complaints.say(path, "name an admin of the app's account.")
