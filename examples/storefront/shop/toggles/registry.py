"""The toggles that support may switch in the back office, with what it sees there."""

TOGGLES = {
    "disable-guest-checkout": "Ask every customer to sign in",
    "express-pickup": "Collect in store within two hours",
    "price-drop-alerts": "Mail customers when an item on their list gets cheaper",
}
