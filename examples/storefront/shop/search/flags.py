SEARCH = "search-"

RANKING = "search-ranking"
