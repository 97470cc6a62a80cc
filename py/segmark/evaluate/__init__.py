"""segmark-eval: how many clicks a network needs, measured through the very code that the page runs (README.md)."""
