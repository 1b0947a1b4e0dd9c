class PaymentFlags:
    """Keys in the LaunchDarkly project "payments"."""

    ROUTING = "payments-routing"
