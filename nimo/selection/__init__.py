"""Our selection around the paper's algorithm, ``selection="auto"``: search, structure, means."""
