"""The page of a fitted model."""

from __future__ import annotations


class Page:
    """A method of the fitted estimators."""

    def report(self, X, y, to="report.html"):
        """The model's own page: one HTML file that needs no network, for any browser.

        It holds coefficients, curves, surfaces and modulations, with intervals where the model has
        any, and where the rows lie; rows taken apart, what to be wary of, the formula, and the
        error on (X, y) beside that of a constant.

        Parameters
        ----------
        X : (n, d)
            Rows that say where the features lie; 200 of them, spread over the predictions, can be
            taken apart on the page, and are in the file.
        y : (n,)
        to : path, default="report.html"
            A file there is written over.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        ValueError
            y of another length, or with a class that training has not seen.
        FileNotFoundError
            The folder is not there.
        """
        from nimo.report.writing import write

        return write(self, X, y, to)
