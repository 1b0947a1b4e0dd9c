from django.shortcuts import redirect, render


def start(request):
    """The door to the checkout: sign in, or go on as a guest."""
    if request.user.is_authenticated:
        return redirect("checkout")
    if request.feature("disable-guest-checkout", default=False):
        return redirect("login")
    return render(request, "checkout/start.html")
