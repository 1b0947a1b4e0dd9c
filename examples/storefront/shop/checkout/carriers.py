SERVICES = {
    "DE": {"parcel-lockers", "saturday-delivery"},
    "AT": {"parcel-lockers"},
    "CH": {"saturday-delivery"},
}


class CarrierClient:
    """What the parcel carrier offers in a country."""

    def __init__(self, country: str):
        self.country = country

    def is_enabled(self, service: str) -> bool:
        return service in SERVICES.get(self.country, set())
