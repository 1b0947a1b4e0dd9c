"""The mail on Friday: what is new in the shop."""

from waffle import switch_is_active

PAUSE = 10 if switch_is_active("email-throttle") else 0


def schedule(addresses, queue):
    """Queues one mail for each address, with a pause behind it."""
    for address in addresses:
        if switch_is_active("email-throttle"):
            queue.hold(PAUSE)
        queue.add(address)
