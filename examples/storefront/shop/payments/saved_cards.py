from django.conf import settings


def cards_to_offer(account) -> list:
    """The cards that the customer may pay with in one click, last used first."""
    if not settings.FEATURE_SAVED_CARDS:
        return []
    cards = sorted(account.cards, key=lambda card: card.last_used, reverse=True)
    return cards[: settings.FEATURE_SAVED_CARDS_LIMIT]
