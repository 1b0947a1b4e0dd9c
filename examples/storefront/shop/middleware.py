"""Adds `request.feature(name)`: is this toggle on for this visitor?"""

from functools import partial

from shop.toggles import store


def feature_middleware(get_response):
    def middleware(request):
        request.feature = partial(store.ask, visitor=request.session.session_key)
        return get_response(request)

    return middleware
