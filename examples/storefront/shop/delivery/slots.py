"""When a parcel comes."""

HALF_DAYS = ((8, 13), (13, 18))


def hours(request):
    """From when to when a customer may choose to be at home."""
    if request.feature("delivery-slots"):
        return HALF_DAYS
    return tuple((hour, hour + 1) for hour in range(8, 18))


def note(request, parcel):
    """What is printed on the label for the courier."""
    return parcel.live_note if request.feature("courier-tracking", True) else parcel.note


def basket_extras(request):
    return ["recommendations"] if request.feature("recommendations", False) else []
