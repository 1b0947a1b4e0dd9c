from dataclasses import dataclass

from shop.search.flags import SEARCH
from shop.toggles.clients import unleash

SYNONYMS = {"parka": ["jacket", "anorak"], "sneakers": ["trainers"]}


@dataclass(frozen=True)
class Hit:
    slug: str
    score: float
    similarity: float


def expand(words: list[str]) -> list[str]:
    """The words to look for: those typed and, where we try that, those that mean the same."""
    if not unleash.is_enabled(SEARCH + "synonyms"):
        return words
    return words + [other for word in words for other in SYNONYMS.get(word, [])]
