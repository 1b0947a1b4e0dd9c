from django.test import TestCase
from openfeature import api
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from tests.helpers import force_feature


def serve(variant):
    flag = InMemoryFlag(variant, {"on": True, "off": False})
    api.set_provider(InMemoryProvider({"new-checkout": flag}))


class CheckoutTest(TestCase):
    def test_one_page(self):
        serve("on")
        self.assertTemplateUsed(self.client.get("/checkout/pay/"), "checkout/one_page.html")

    def test_step_by_step(self):
        serve("off")
        self.assertTemplateUsed(self.client.get("/checkout/pay/"), "checkout/address.html")


class GuestTest(TestCase):
    def test_guest_must_sign_in(self):
        with force_feature("disable-guest-checkout", enabled=True):
            self.assertRedirects(self.client.get("/checkout/"), "/login/")

    def test_guest_may_go_on(self):
        with force_feature("disable-guest-checkout", enabled=False):
            self.assertContains(self.client.get("/checkout/"), "Continue as a guest")


class AddressTest(TestCase):
    def test_suggests_streets(self):
        with force_feature("address-autocomplete"):
            answer = self.client.get("/checkout/pay/?step=address")
        self.assertEqual(answer.status_code, 200)
