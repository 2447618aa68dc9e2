"""One fit: worker process, limits, store and record."""
