"""Our selection around the paper's algorithm: by search and validation rows, by the evidence."""
