from shop.checkout.carriers import CarrierClient
from shop.toggles.toggle import Toggle

EXPRESS_PICKUP = Toggle("express-pickup")


def delivery_options(request):
    client = CarrierClient(country=request.session.get("country", "DE"))
    options = ["standard"]
    if client.is_enabled("parcel-lockers"):
        options.append("locker")
    if EXPRESS_PICKUP.is_on(request.session.session_key):
        options.append("pickup")
    return options
