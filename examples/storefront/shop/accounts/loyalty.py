from decimal import Decimal

from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from shop.accounts.flags import AccountFlag

client = api.get_client()


def points_for(account: str, total: Decimal) -> int:
    """One point per full euro."""
    details = client.get_boolean_details(AccountFlag.LOYALTY_POINTS.value, False, EvaluationContext(account))
    return int(total) if details.value else 0


def may_redeem(account: str, points: int) -> bool:
    enabled = client.get_boolean_value(AccountFlag.LOYALTY_POINTS, False, EvaluationContext(account))
    return enabled and points >= 100
