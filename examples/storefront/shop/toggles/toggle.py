from dataclasses import dataclass

from shop.toggles import store


@dataclass(frozen=True)
class Toggle:
    """A toggle that can be passed around."""

    key: str

    def is_on(self, visitor: str) -> bool:
        return store.ask(self.key, visitor=visitor)
