"""Training of Segmark's click networks (optional extra: the product never imports this package)."""
