from decimal import Decimal

from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext

from shop.checkout import keys

SHIPPING = Decimal("4.90")
FREE_SHIPPING_FROM = Decimal("60.00")


def order_total(cart: dict) -> Decimal:
    goods = sum((Decimal(line["price"]) * line["quantity"] for line in cart["lines"]), Decimal())
    return goods if goods >= FREE_SHIPPING_FROM else goods + SHIPPING


async def quote(cart: dict, account: str, client: OpenFeatureClient) -> dict:
    """What the apps show under the cart."""
    quoted = {"total": str(order_total(cart))}
    if await client.get_boolean_value_async(keys.NEW_CHECKOUT, False, EvaluationContext(account)):
        quoted["next"] = "/checkout/pay/"
    else:
        quoted["next"] = "/checkout/pay/?step=address"
    return quoted
