from enum import StrEnum


class AccountFlag(StrEnum):
    LOYALTY_POINTS = "loyalty-points"
