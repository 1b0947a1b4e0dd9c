from django.shortcuts import redirect, render
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from shop.checkout.keys import CHECKOUT_BANNER
from shop.checkout.keys import NEW_CHECKOUT as CHECKOUT_FLAG
from shop.checkout.pickup import delivery_options
from shop.checkout.totals import order_total

client = api.get_client()

STEPS = ("address", "delivery", "payment", "review")


def checkout(request):
    context = EvaluationContext(targeting_key=str(request.user.pk))
    if client.get_boolean_value(CHECKOUT_FLAG, False, context):
        return one_page(request)
    return step_by_step(request)


def one_page(request):
    cart = request.session["cart"]
    return render(
        request,
        "checkout/one_page.html",
        {
            "total": order_total(cart),
            "delivery": delivery_options(request),
            "banner": CHECKOUT_BANNER,
        },
    )


def step_by_step(request):
    step = request.GET.get("step", STEPS[0])
    if step not in STEPS:
        return redirect("checkout-start")
    return render(request, f"checkout/{step}.html", {"steps": STEPS, "current": step})
