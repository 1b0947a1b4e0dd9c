from contextlib import contextmanager
from unittest import mock

from shop.toggles import store


@contextmanager
def force_feature(key: str, enabled: bool = True):
    """Forces one of our own toggles for the length of a block."""
    percentages = {**store.percentages(), key: 100 if enabled else 0}
    with mock.patch.object(store, "percentages", return_value=percentages):
        yield
