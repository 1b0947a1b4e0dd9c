import httpx
from django.conf import settings
from django.shortcuts import render
from openfeature import api

from shop.search.engine import Hit, expand
from shop.search.ranking import rank


async def results(request):
    words = expand(request.GET.get("q", "").lower().split())
    async with httpx.AsyncClient(base_url=settings.SEARCH_URL) as http:
        answer = await http.get("/products", params={"q": words})
    hits = [Hit(**each) for each in answer.json()]
    ranked = await rank(hits, request.session.session_key, api.get_client())
    return render(request, "search/results.html", {"hits": ranked})
