"""Names beside points: on no mark, no other name and no line, and joined to the point from afar."""

from __future__ import annotations

import math
from itertools import pairwise

# in shares of a panel: a character, a line, the space before a name; half of the width of a mark,
# which is twice as high in these shares
CHARACTER, LINE, SPACE, MARK = 0.0165, 0.05, 0.018, 0.012
#: a drawn line is that many points, which a name should miss but may touch, at that price for each
SAMPLES, CROSSED = 60, 1e-4
#: how far from its point a name may stand, and the directions, the best first
REACHES = (0.0, 0.05, 0.1, 0.16, 0.23)
TURNS = (45, 135, -45, -135, 90, -90, 0, 180)


def _overlap(a, b) -> float:
    """Area that two boxes (left, low, right, high) share."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _box(x, y, width, turn, reach):
    """Where a name stands: its box, and whether it is right of, left of or over its point."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    x, y = x + reach * cos, y + 1.6 * reach * sin
    side = 0 if abs(cos) < 0.1 else 1 if cos > 0 else -1
    left = x + SPACE if side == 1 else x - SPACE - width if side == -1 else x - width / 2
    low = y - LINE / 2 if abs(sin) < 0.1 else y + MARK if sin > 0 else y - MARK - LINE
    if side == 0:
        low += MARK if sin > 0 else -MARK
    return (left, low, left + width, low + LINE), side


def _between(a, b):
    """Points of the straight line from one point to another."""
    shares = [i / SAMPLES for i in range(SAMPLES + 1)]
    return [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for t in shares]


def _touched(box, points) -> int:
    """How many points lie in a box."""
    return sum(box[0] < x < box[2] and box[1] < y < box[3] for x, y in points)


def place(ax, points, marks, bold=(), line=()):
    """Put every name beside its point.

    Parameters
    ----------
    points : mapping of name to point
    marks : points of all marks of the panel, on which no name may lie
    bold : names in bold
    line : points that a drawn line joins
    """
    ax.autoscale_view()
    to_axes = ax.transData + ax.transAxes.inverted()
    taken = [
        (x - MARK, y - 2 * MARK, x + MARK, y + 2 * MARK) for x, y in map(to_axes.transform, marks)
    ]
    around, named = list(taken), []
    corners = [tuple(to_axes.transform(point)) for point in line]
    drawn = [at for a, b in pairwise(corners) for at in _between(a, b)]
    for name, point in points.items():
        x, y = to_axes.transform(point)
        width = len(name) * CHARACTER * (1.08 if name in bold else 1.0)
        others = [mark for mark in around if not _touched(mark, [(x, y)])]
        best = None
        for reach in REACHES:
            for turn in TURNS:
                box, side = _box(x, y, width, turn, reach)
                outside = max(0.0, -box[0], box[2] - 1, -box[1], box[3] - 1)
                cost = outside + sum(_overlap(box, other) for other in taken)
                cost += CROSSED * _touched(box, drawn)
                if reach:  # what joins the name and its point crosses no other name or mark
                    edge = {1: box[0], -1: box[2], 0: (box[0] + box[2]) / 2}[side]
                    joined = _between((x, y), (edge, (box[1] + box[3]) / 2))
                    cost += CROSSED * sum(_touched(other, joined) for other in [*named, *others])
                if best is None or cost < best[0] - 1e-12:
                    best = cost, box, side, reach
            if best[0] == 0:
                break
        _, box, side, reach = best
        taken.append(box)
        named.append(box)
        at = {1: box[0], -1: box[2], 0: (box[0] + box[2]) / 2}[side]
        ax.annotate(
            name,
            point,
            xytext=(at, (box[1] + box[3]) / 2),
            textcoords="axes fraction",
            ha={1: "left", -1: "right", 0: "center"}[side],
            va="center",
            fontsize=7,
            fontweight="bold" if name in bold else "normal",
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": "#888888", "shrinkB": 3}
            if reach
            else None,
        )
