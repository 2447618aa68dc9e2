"""What a fitted model says: of its features, of rows, of its terms, and how sure it is."""
