from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext

from shop.search import flags as search_flags
from shop.search.engine import Hit


async def rank(hits: list[Hit], visitor: str, client: OpenFeatureClient) -> list[Hit]:
    """Best hit first, by the method that this visitor was assigned to."""
    context = EvaluationContext(targeting_key=visitor)
    method = await client.get_string_value_async(search_flags.RANKING, "bm25", context)
    if method == "semantic":
        return sorted(hits, key=lambda hit: hit.similarity, reverse=True)
    if method == "hybrid":
        return sorted(hits, key=lambda hit: hit.similarity + hit.score, reverse=True)
    return sorted(hits, key=lambda hit: hit.score, reverse=True)
