NEW_CHECKOUT = "new-checkout"
CHECKOUT_BANNER = "new-checkout-banner"  # a slot in the CMS
