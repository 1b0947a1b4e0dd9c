from django.urls import include, path

from shop.accounts.exports import download_orders
from shop.accounts.gift_cards import RedeemView, buy
from shop.catalog.views import product_page
from shop.checkout.guest import start
from shop.checkout.views import checkout
from shop.search.views import results

accounts = [
    path("vouchers/", buy, name="vouchers"),
    path("vouchers/redeem/", RedeemView.as_view(), name="redeem"),
    path("orders.csv", download_orders, name="orders-csv"),
]

urlpatterns = [
    path("p/<slug:slug>/", product_page, name="product"),
    path("search/", results, name="search"),
    path("checkout/", start, name="checkout-start"),
    path("checkout/pay/", checkout, name="checkout"),
    path("account/", include((accounts, "accounts"))),
]
