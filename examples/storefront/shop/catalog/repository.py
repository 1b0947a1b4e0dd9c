from decimal import Decimal

from shop.catalog.models import Campaign, Product, Variation

RAIN_JACKET = Product(
    slug="rain-jacket",
    name="Rain jacket",
    price=Decimal("89.00"),
    features={"waterproof": "10,000 mm", "weight": "340 g"},
    variations={
        "size-m": Variation("size-m", "M", 12),
        "size-xl": Variation("size-xl", "XL", 2),
    },
)

PRODUCTS = {RAIN_JACKET.slug: RAIN_JACKET}
CAMPAIGNS = [Campaign("spring", 10), Campaign("clearance", 30)]


def find(slug: str) -> Product | None:
    return PRODUCTS.get(slug)
