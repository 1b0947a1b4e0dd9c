from django.http import Http404
from django.shortcuts import render

from shop.catalog import repository
from shop.catalog.promotions import sale_price
from shop.toggles.clients import unleash

LOW_STOCK = 3


def product_page(request, slug):
    product = repository.find(slug)
    if product is None:
        raise Http404
    context = {
        "product": product,
        "price": sale_price(product, request.session.session_key),
        "waterproof": product.feature("waterproof"),
    }
    if unleash.is_enabled("stock-badges", {"userId": str(request.user.pk)}):
        context["badge"] = stock_badge(product.variation(request.GET.get("size", "size-m")))
    return render(request, "catalog/product.html", context)


def stock_badge(variation):
    if variation.stock == 0:
        return "Sold out"
    if variation.stock <= LOW_STOCK:
        return f"Only {variation.stock} left"
    return "In stock"
