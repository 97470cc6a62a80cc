"""What files are, before the browser decodes them."""
