"""What changes in the code of a promoted key, said in the reader's choice of language?"""

from typing import Any
from urllib.parse import urlsplit

from keysteward.actions.after_go_live import AfterGoLive
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.code_changes import CHANGES, LANGUAGES, NAMES, Language, Values, filled


def values(ctx: Context, visitor: Visitor, after: AfterGoLive, unverified_language: str) -> dict[str, Any]:
    """The three changes with this key's values; a language that we do not know shows the first."""
    language = _known(unverified_language)
    said = Values(ctx.authority, after.view.app.key, visitor.user.id)
    swaps = _swaps(ctx, visitor, after)
    changes = [
        {"id": each.code, "title": each.title, "text": each.text, "snippet": filled(each, language, said).rstrip("\n")}
        | swaps[each.code]
        for each in CHANGES
    ]
    languages = [(NAMES[each], f"?language={each}#changes", each == language) for each in LANGUAGES]
    return {"changes": changes, "languages": languages, "language": NAMES[language]}


def _known(unverified_language: str) -> Language:
    return next((each for each in LANGUAGES if each == unverified_language), LANGUAGES[0])


def _swaps(ctx: Context, visitor: Visitor, after: AfterGoLive) -> dict[str, dict[str, str]]:
    demo, presenter = ctx.counterpart.origin, after.presenter
    is_same = presenter is not None and presenter.email.casefold() == visitor.user.email.casefold()
    return {
        "account-server": {"demo": urlsplit(demo).netloc, "production": ctx.authority},
        "base-uri": {"demo": demo, "production": ctx.origin},
        "impersonated-user": {"demo": presenter.user if presenter and is_same else "", "production": visitor.user.id},
    }
