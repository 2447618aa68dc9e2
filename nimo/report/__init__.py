"""A fitted model's own page: what it says as plain numbers, and an HTML file made of them."""
