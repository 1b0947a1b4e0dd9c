"""Who carries which parcel, and when."""


def send_out(request, parcels, couriers):
    """Gives every parcel to a courier."""
    local = [each for each in parcels if each.is_local]
    if request.feature("same-day-delivery"):
        couriers.call(len(local))
    for parcel in parcels:
        book(request, parcel, couriers)
    if request.feature("same-day-delivery"):
        couriers.hurry(local)


def book(request, parcel, couriers):
    if request.feature("same-day-delivery"):
        couriers.book(parcel)
    else:
        parcel.note("tomorrow")
        couriers.book(parcel)


def slip(request, parcel):
    """What the customer finds in the parcel."""
    lines = [parcel.number]
    if request.feature("same-day-delivery"):
        lines.append("Delivered today")
        if request.feature("loyalty-points"):
            lines.append("Twice the points")
    return lines


def sort_key(request, parcel):
    return parcel.weight if request.feature("courier-tracking") else parcel.weight
