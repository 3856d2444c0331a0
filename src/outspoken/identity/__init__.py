"""Who somebody is to us: a key that only their browser holds, and what follows from it."""
