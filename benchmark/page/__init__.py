"""The results page: one HTML file of a run that opens from disk without a network.

:mod:`details` keeps what ``fits.csv`` and ``scores.csv`` do not hold, :mod:`contents` turns a
folder of results into the page's data, :mod:`document` puts data, scripts and style into one file,
and ``assets/`` is what runs in the browser.
"""
