"""What names say: whether a function, a mapping or a class is called as if it were about feature flags.

The vocabulary is closed on purpose. `is_feature_enabled` speaks of flags and `feature_importance` does not, as every
word of a name has to fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import cache


def word_set(words: str) -> frozenset[str]:
    """The words of a text, as a vocabulary."""
    return frozenset(words.split())


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_NOUNS = word_set(
    "experiment experiments feature features featureflag featureflags flag flags killswitch killswitches rollout "
    "rollouts switch switches toggle toggles waffle"
)
_UNMISTAKABLE = tuple(
    map(
        word_set,
        (
            "feature flag",
            "feature flags",
            "feature toggle",
            "feature switch",
            "featureflag",
            "killswitch",
            "kill switch",
        ),
    )
)
_STATES = word_set("active allowed are disabled enabled has in is off on")
"""What makes a name a question."""
_NOT_ASKING = (("get",), ("on",), ("off",))
"""Of what holds flags: its items, and what listens to it."""
_ASKING = _STATES | word_set("bool boolean check evaluate for get should test use value variant variation")
_SERVICES = word_set("configcat flagsmith flipt growthbook launchdarkly ld optimizely posthog split statsig unleash")
_ABOUT = _SERVICES | word_set(
    "a account active admin app by client config context course current default flipper global given global handle "
    "key kill list member my name of org organisation organization project request runtime service site status state "
    "system team tenant the to user util utils value values view with"
)
"""What such a name may speak of besides."""
_HOLDERS = _ABOUT | word_set("api backend client helper manager module provider registry self settings store wrapper")
_REQUIRING = word_set("require required requires only must if unless with when needs decorator guard gate")
_FORCING = word_set("activate disable enable force mock override patch set toggle turn use with")
_GETTING = word_set("get read fetch lookup is")
_SETTINGS = word_set("conf config configs configuration option options setting settings")
_TYPED = word_set("bool boolean dynamic float for int integer runtime str string value")

_SWITCH_KEY = re.compile(
    r"(?:^|[._:/-])(?:enable|enabled|disable|disabled|use|allow|permit|skip|bypass|kill|killswitch|rollout|experiment|feature|"
    r"flag|force|enforce|show|hide)(?:$|[._:/-])",
    re.I,
)

KEY = re.compile(r"!?[A-Za-z_][\w.:/-]{1,99}")
"""A text that may be the key of a flag."""


class Voice(IntEnum):
    """How clearly a name speaks of asking for a flag."""

    SILENT = 0
    SETTING = 1
    """It reads settings, of which some may be flags: `get_option`."""
    FAINT = 2
    """It names flags, and may do anything with them: `feature`, `get_flag`."""
    CLEAR = 3
    """It asks: `is_feature_enabled`, `features.enabled`."""


@cache
def words_of(name: str) -> tuple[str, ...]:
    """`is_featureEnabled` in words: is, feature, enabled."""
    return tuple(word.lower() for word in _WORD.findall(name))


@cache
def voice_of_call(name: str, receiver: str = "", module: str = "") -> Voice:
    """What a call says by the name of the function, of what it is a method of, and of the module that it is from."""
    words = words_of(name)
    if not words:
        return Voice.SILENT
    has_noun, has_state = not _NOUNS.isdisjoint(words), not _STATES.isdisjoint(words) or is_unmistakable(words)
    fits = all(word in _NOUNS or word in _ASKING or word in _ABOUT for word in words)
    if fits and has_noun and not _begins_with_an_order(words):
        return Voice.CLEAR if has_state else Voice.FAINT
    is_question = fits_all(words, _ASKING) and words not in _NOT_ASKING and not _begins_with_an_order(words)
    if is_question and (names_flags(receiver) or names_flags(module)):
        return Voice.CLEAR if has_state else Voice.FAINT
    if fits_all(words, _GETTING | _SETTINGS | _TYPED) and words[0] in _GETTING and not _SETTINGS.isdisjoint(words):
        return Voice.SETTING
    return Voice.SILENT


@cache
def names_flags(name: str) -> bool:
    """Whether something that holds flags, or is one, is called so: `features`, `FEATURE_FLAGS`, `FeatureService`."""
    words = words_of(name)
    return not _NOUNS.isdisjoint(words) and all(word in _NOUNS or word in _HOLDERS for word in words)


@cache
def requires_flag(name: str) -> bool:
    """Whether a decorator is called as if what it decorates needed a flag: `require_feature`, `toggle_required`."""
    words = words_of(name)
    fits = fits_all(words, _NOUNS | _ASKING | _ABOUT | _REQUIRING)
    return fits and not _NOUNS.isdisjoint(words)


@cache
def forces_flag(name: str) -> bool:
    """Whether a test helper is called as if it forced a flag: `override_feature`, `toggle_switch`."""
    words = words_of(name)
    return (
        bool(words)
        and not _FORCING.isdisjoint(words)
        and not _NOUNS.isdisjoint(words)
        and fits_all(words, _NOUNS | _STATES | _ABOUT | _FORCING | _ASKING | {"temporarily", "settings"})
    )


def _begins_with_an_order(words: tuple[str, ...]) -> bool:
    """`toggle_feature` does something, and `toggle_is_active` asks."""
    return words[0] in _FORCING and not (words[0] in _NOUNS and _STATES.issuperset(words[1:2]) and len(words) > 1)


def is_unmistakable(words: Iterable[str]) -> bool:
    """Whether words say "feature flag", which means nothing else."""
    return any(noun <= frozenset(words) for noun in _UNMISTAKABLE)


def fits_all(words: Iterable[str], vocabulary: frozenset[str]) -> bool:
    return all(word in vocabulary for word in words)


def is_switch(key: str) -> bool:
    """Whether a key is called as if it turned something on or off."""
    return _SWITCH_KEY.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).replace("_", ".")) is not None
