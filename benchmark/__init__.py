"""The comparison itself: data sets, splits, fits, records, statistics, tables, figures."""
