from dataclasses import dataclass

from shop.toggles.clients import unleash


@dataclass(frozen=True)
class Newsletter:
    subject: str
    toggle: str


def due(newsletters: list[Newsletter]) -> list[Newsletter]:
    return [each for each in newsletters if is_live(each)]


def is_live(newsletter: Newsletter) -> bool:
    return unleash.is_enabled(newsletter.toggle)  # flagctl: ignore[FLG204] marketing names one per newsletter
