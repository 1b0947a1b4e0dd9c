from decimal import Decimal

from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from shop.catalog.models import Product
from shop.catalog.repository import CAMPAIGNS

client = api.get_client()


def sale_price(product: Product, visitor: str) -> Decimal:
    """The price after the best campaign that runs for this visitor."""
    context = EvaluationContext(targeting_key=visitor)
    best = 0
    for campaign in CAMPAIGNS:
        if client.get_boolean_value(f"promo-{campaign.slug}", False, context):
            best = max(best, campaign.percent_off)
    return product.price * (100 - best) / 100
