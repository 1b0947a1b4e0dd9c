from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Variation:
    sku: str
    label: str
    stock: int


@dataclass
class Product:
    """An article, its properties (`feature`) and the sizes or colours it is sold in (`variation`)."""

    slug: str
    name: str
    price: Decimal
    features: dict[str, str] = field(default_factory=dict)
    variations: dict[str, Variation] = field(default_factory=dict)

    def feature(self, name: str) -> str | None:
        return self.features.get(name)

    def variation(self, sku: str) -> Variation:
        return self.variations[sku]


@dataclass(frozen=True)
class Campaign:
    slug: str
    percent_off: int
