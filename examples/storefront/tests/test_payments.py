from decimal import Decimal
from unittest import TestCase, mock

import ldclient
from ldclient import Config, Context
from ldclient.integrations.test_data import TestData

from shop.payments.fraud import looks_fraudulent
from shop.payments.gateway import Gateway

BLOCKED = "4000000000009995"


class PaymentsTest(TestCase):
    def setUp(self):
        self.flags = TestData.data_source()
        ldclient.set_config(Config("test", update_processor_class=self.flags, send_events=False))

    def test_blocked_card(self):
        self.flags.update(self.flags.flag("fraud-screening").variation_for_all(True))
        self.assertTrue(looks_fraudulent(Context.create("a-1"), Decimal(10), BLOCKED))

    def test_screening_off(self):
        self.flags.update(self.flags.flag("fraud-screening").variation_for_all(False))
        self.assertFalse(looks_fraudulent(Context.create("a-1"), Decimal(10), BLOCKED))

    def test_falls_back_to_stripe(self):
        stripe = mock.Mock()
        Gateway({"stripe": stripe}).charge("a-1", Decimal("9.999"), "4242424242424242")
        stripe.charge.assert_called_once()
