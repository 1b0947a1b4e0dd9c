"""The one Unleash client of this process."""

from django.conf import settings
from UnleashClient import UnleashClient

unleash = UnleashClient(url=settings.UNLEASH_URL, app_name="storefront")
unleash.initialize_client()
