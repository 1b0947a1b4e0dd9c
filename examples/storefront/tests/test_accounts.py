from django.test import TestCase
from waffle.testutils import override_flag, override_switch

from shop.notifications.email import PER_MINUTE, THROTTLED_PER_MINUTE, batch_size


class VouchersTest(TestCase):
    @override_flag("gift-cards", active=True)
    def test_buy(self):
        self.assertContains(self.client.get("/account/vouchers/"), "25 €")

    @override_flag("gift-cards", active=False)
    def test_not_sold_here(self):
        self.assertEqual(self.client.get("/account/vouchers/").status_code, 404)

    @override_flag("gift-card", active=True)
    def test_redeem_needs_a_code(self):
        self.assertContains(self.client.post("/account/vouchers/redeem/"), "This field is required")


class ThrottleTest(TestCase):
    def test_throttled(self):
        with override_switch("email-throttle", active=True):
            self.assertEqual(batch_size(), THROTTLED_PER_MINUTE)

    def test_full_speed(self):
        with override_switch("email-throttle", active=False):
            self.assertEqual(batch_size(), PER_MINUTE)
