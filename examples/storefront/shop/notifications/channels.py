class Channels:
    """How a customer wants to hear from us."""

    def __init__(self, chosen: set[str]):
        self.chosen = chosen

    def is_enabled(self, channel: str) -> bool:
        return channel in self.chosen


def reachable(channels: Channels) -> list[str]:
    return [name for name in ("email", "sms", "push") if channels.is_enabled(name)]


def may_text(channels: Channels) -> bool:
    return channels.is_enabled("sms")
