from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Order:
    number: str
    email: str
    total: str
    placed: datetime


def place(number: str, email: str, total: str) -> Order:
    # Stock is booked by the nightly file again, warehouse-webhooks or not: see docs/runbooks/warehouse.md
    return Order(number, email, total, datetime.now(UTC))
