"""Tables of numbers, categories and gaps, as the models take them."""
