"""From records to numbers a reader can trust: gathering, published values, statistics."""
