#!/usr/bin/env python3
"""Statistics of pairs and of values with weights by `fractions`, each rounded once by integer division.

    python3 crates/core/tests/pairs.py < rows

A line of input is `pair` or `weighted`, `propagate` or `skip`, and the rows as `x,y` or `x,w`, with blanks
between. A number without point or exponent is an integer; `nan`, `inf`, `-inf` and `null` are what they say. A
line of output has for each statistic `bits:reason`, each `-` where there is none. Only the standard library is
used.
"""

import math
import struct
import sys
from fractions import Fraction

NAN = "7ff8000000000000"


def bits_of(value):
    return f"{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}"


def rounded(numerator, denominator):
    """The nearest binary64, a zero of either sign being +0.0; what is too large is infinite, and says so."""
    try:
        return bits_of(numerator / denominator + 0.0) + ":-"
    except OverflowError:
        return bits_of(math.inf if numerator > 0 else -math.inf) + ":overflow"


def nearest(value):
    return rounded(value.numerator, value.denominator)


def nearest_root(square, negative):
    """The binary64 nearest to the root, from 64 bits or more of it and whether anything was cut off."""
    n, d = square.numerator, square.denominator
    shift = max(0, 66 - (n.bit_length() - d.bit_length()) // 2)
    scaled, rest = divmod(n << 2 * shift, d)
    root = math.isqrt(scaled)
    root |= bool(rest or root * root != scaled)
    return rounded(-root if negative else root, 1 << shift)


def number(word):
    return int(word) if word.lstrip("-").isdecimal() else float(word)


def is_finite(value):
    return isinstance(value, int) or math.isfinite(value)


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)


def absent(reason):
    return "-:" + reason


def pairs(rows, n, nonfinite):
    """Covariance, its population's, correlation, slope and intercept."""
    if n == 0:
        return [absent("empty")] * 5
    if nonfinite:
        return [absent("too_few") if n < 2 and index != 1 else f"{NAN}:{nonfinite}" for index in range(5)]
    mean_x, mean_y = (sum(row[side] for row in rows) / Fraction(n) for side in (0, 1))
    centred = [(x - mean_x, y - mean_y) for x, y in rows]
    xx, yy, xy = (
        sum((a * b for a, b in pairs), Fraction(0))
        for pairs in ([(x, x) for x, _ in centred], [(y, y) for _, y in centred], centred)
    )
    if n < 2:
        return [absent("too_few"), nearest(xy / n)] + [absent("too_few")] * 3
    results = [nearest(xy / (n - 1)), nearest(xy / n)]
    flat = absent("zero_variance")
    results.append(nearest_root(xy * xy / (xx * yy), xy < 0) if xx and yy else flat)
    results += [nearest(xy / xx), nearest(mean_y - xy / xx * mean_x)] if xx else [flat] * 2
    return results


def weighted(rows, n, nonfinite, weights_of_others):
    """Mean, variance and its population's."""
    if n == 0:
        return [absent("empty")] * 3
    total = sum((w for _, w in rows), Fraction(0)) + (weights_of_others if nonfinite else 0)
    divisors = [total, total - 1, total]
    if nonfinite:
        results = [f"{NAN}:{nonfinite}"] * 3
    elif total > 0:
        mean = sum(x * w for x, w in rows) / total
        spread = sum((w * (x - mean) ** 2 for x, w in rows), Fraction(0))
        results = [nearest(mean), nearest(spread / (total - 1)) if total != 1 else "", nearest(spread / total)]
    else:
        results = [""] * 3
    return [result if divisor > 0 else absent("zero_weight") for result, divisor in zip(results, divisors)]


def answer(line):
    kind, policy, *cells = line.split()
    rows = [cell.split(",") for cell in cells]
    rows = [tuple(map(number, row)) for row in rows if "null" not in row]
    finite = [(Fraction(x), Fraction(y)) for x, y in rows if is_finite(x) and is_finite(y)]
    others = [row for row in rows if not all(map(is_finite, row))]
    n, nonfinite = len(finite), None
    if others and policy == "propagate":
        n += len(others)
        nonfinite = "nan" if any(is_nan(value) for row in others for value in row) else "infinite"
    if kind == "pair":
        return pairs(finite, n, nonfinite)
    return weighted(finite, n, nonfinite, sum((Fraction(w) for _, w in others), Fraction(0)))


def main():
    for line in sys.stdin:
        print(*answer(line))


if __name__ == "__main__":
    main()
