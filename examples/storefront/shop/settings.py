"""Django settings of the storefront."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent

DEBUG = False
SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "shop.urls"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "waffle",
    "shop.catalog",
    "shop.checkout",
    "shop.payments",
    "shop.accounts",
    "shop.search",
    "shop.notifications",
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "waffle.middleware.WaffleMiddleware",
    "shop.middleware.feature_middleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
    }
]

UNLEASH_URL = "https://unleash.internal.example.com/api"
SEARCH_URL = "https://search.internal.example.com"

FEATURE_SAVED_CARDS = True
FEATURE_SAVED_CARDS_LIMIT = 5
