"""From the time before request.feature. Do not use in new code."""

from functools import wraps

from django.http import Http404

from shop.toggles import store


def when_enabled(name):
    """A view that answers 404 until the toggle is on."""

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            if not store.percentages().get(name):
                raise Http404
            return view(request, *args, **kwargs)

        return wrapped

    return decorate
