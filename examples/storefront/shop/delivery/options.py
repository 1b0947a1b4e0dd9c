"""How a basket may be delivered."""

from shop.delivery.slots import hours


def options(request, basket):
    """The ways of delivery that are offered for a basket, the fastest first."""
    found = ["standard"]
    if request.feature("parcel-lockers", False):
        found.insert(0, "locker")
    if request.feature("same-day-delivery", True) and basket.is_in_stock:
        found.insert(0, "same-day")
    if request.feature("gift-wrap", False):
        found.append("gift-wrapped")
    return found, hours(request)


def tracking(request, parcel):
    """Where a parcel is: the courier's own place, or the last depot."""
    return parcel.courier if request.feature("courier-tracking", False) else parcel.depot
