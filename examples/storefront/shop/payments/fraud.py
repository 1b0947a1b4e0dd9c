from decimal import Decimal

import ldclient
from ldclient import Context

LIMIT = Decimal(500)
BLOCKED = {"4000000000009995"}


def looks_fraudulent(context: Context, amount: Decimal, card: str) -> bool:
    if not ldclient.get().variation("fraud-screening", context, True):
        return False
    return card in BLOCKED or amount > LIMIT
