from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.generic import FormView
from waffle.decorators import waffle_flag
from waffle.mixins import WaffleFlagMixin

from shop.accounts.forms import RedeemForm

AMOUNTS = (10, 25, 50, 100)


@waffle_flag("gift-cards")
def buy(request):
    return render(request, "accounts/vouchers.html", {"amounts": AMOUNTS})


class RedeemView(WaffleFlagMixin, FormView):
    """Adds the amount on a card to the customer's balance."""

    waffle_flag = "gift-card"
    form_class = RedeemForm
    template_name = "accounts/redeem.html"

    def form_valid(self, form):
        amount = form.redeem(self.request.user)
        messages.success(self.request, f"{amount} € added to your balance")
        return redirect("accounts:vouchers")
