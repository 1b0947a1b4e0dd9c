"""Taking over a code base that never heard of us: what in it asks for flags, since when, and who knows about them."""
