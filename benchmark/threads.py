"""One thread for everything: small products do not gain from more, and runs beside each other lose.

Libraries read these variables when they are imported, so they are set before; nothing is imported
here.
"""

VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "JULIA_NUM_THREADS",
)
#: environment of a process with one thread
ONE = dict.fromkeys(VARIABLES, "1")
