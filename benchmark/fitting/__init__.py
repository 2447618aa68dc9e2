"""One fit: worker process, limits and record."""
