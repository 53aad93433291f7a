#!/usr/bin/env python3
"""Compares exacta with exact arithmetic in Python, bit for bit.

    python3 crates/cli/tests/oracle.py target/debug/exacta [--cases N] [--seed S]

Each case is a column of numbers chosen to be hard: ill-conditioned, subnormal, huge, of mixed sign,
integers beyond 2^53, very short. What exacta prints for it (--json --bits --exact --histogram) is compared
with two oracles that share no code with it: formulas over `fractions.Fraction`, rounded once by integer division, and
Python's own `statistics`, which is correctly rounded from version 3.11 on. Only the standard library is
used. The exit code is 0 if every comparison passes.
"""

import argparse
import json
import math
import random
import re
import statistics
import struct
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction
from functools import partial
from typing import NamedTuple

METHODS = [
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
]
MOMENTS = (
    "sum mean sum_squares rms variance stddev variance_pop stddev_pop sem cv "
    "skewness kurtosis skewness_sample kurtosis_sample"
).split()
ORDERED = "min max range median iqr mad mode distinct".split()
EXACT = "sum sum_squares min max range".split()  # they are told without any rounding, too
RULES = "auto fd doane scott stone rice sturges sqrt".split()
BINS_MAX = 65536
BOUNDED = ["geometric_mean", "harmonic_mean"]  # these promise to round something very near
COUNTS = ["count", "distinct"]
STATISTICS = ["count", *MOMENTS, *ORDERED, *BOUNDED]
COLUMNS_PER_CALL = 128
FLOAT_MAX_BITS = 0x7FEFFFFFFFFFFFFF
STATISTICS_IS_EXACT = sys.version_info >= (3, 11)


# Bits and rounding


def bits_of(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def from_bits(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def quotient(numerator, denominator):
    """The binary64 nearest to a quotient of integers; a result of zero is +0.0."""
    try:
        return numerator / denominator + 0.0
    except OverflowError:
        return math.inf if (numerator < 0) == (denominator < 0) else -math.inf


def nearest(value):
    return quotient(value.numerator, value.denominator)


def nearest_root(value):
    """The binary64 nearest to the square root of a fraction that is not negative."""
    # 2^shift times the root, to at least 64 bits; an odd last bit stands for all that is cut off, so that
    # rounding to 53 bits or fewer afterwards is rounding once.
    n, d = value.numerator, value.denominator
    shift = max(0, 66 - (n.bit_length() - d.bit_length()) // 2)
    scaled, rest = divmod(n << 2 * shift, d)
    root = math.isqrt(scaled)
    if rest or root * root != scaled:
        root |= 1
    return quotient(root, 1 << shift)


# The values of cells


def value_of(text):
    """A cell by the rules of exacta: integers of 64 bits exactly, all else to the nearest binary64."""
    digits = text[1:] if text[0] in "+-" else text
    if digits.isdecimal() and text != "-0" and int(text) != 0:
        integer = int(text)
        if -(2**63) <= integer < 2**64:
            return integer
    return float(text)


def is_negative_zero(value):
    return isinstance(value, float) and bits_of(value) == 1 << 63


def order(value):
    """Sorts by value, -0.0 below +0.0."""
    return (Fraction(value), 0 if is_negative_zero(value) else 1)


def same_element(left, right):
    return order(left) == order(right)


# The first oracle: fractions


class Undefined(str):
    """A result that is absent, by its reason."""


class Between(NamedTuple):
    """A result that is promised within a bound: one of the numbers from low to high."""

    low: float
    high: float

    @classmethod
    def around(cls, exact, relative_error):
        ends = [nearest(exact * (1 + error)) for error in (-relative_error, relative_error)]
        return cls(min(ends), max(ends))


class Unknown(str):
    """A result that this oracle cannot tell, and why."""


def expected(values, probabilities, method, bins):
    """The results for a column, by name; quantiles by their index, exact values by their name in brackets."""
    elements = sorted(values, key=order)
    exact = [Fraction(value) for value in elements]
    results = {"count": len(exact)} | moments(exact) | ordered(elements, exact, method)
    results |= {"geometric_mean": geometric_mean(exact), "harmonic_mean": harmonic_mean(exact)}
    for index, p in enumerate(probabilities):
        results[index] = quantile(elements, p, method)
    results["histogram"] = histogram(elements, exact, bins)
    return results | {f"exact {name}": value for name, value in exact_values(exact).items()}


def exact_values(exact):
    """What is a finite decimal, of fractions in ascending order."""
    values = {"sum": sum(exact, Fraction(0)), "sum_squares": sum((x * x for x in exact), Fraction(0))}
    if exact:
        values |= {"min": exact[0], "max": exact[-1], "range": exact[-1] - exact[0]}
    return values


def ordered(elements, exact, method):
    """What depends on the order of the values, or on which of them are equal."""
    n = len(elements)
    if n == 0:
        return dict.fromkeys(ORDERED, Undefined("empty")) | {"distinct": 0}
    quartiles = [exact_quantile(exact, Fraction(k, 4), method) for k in (1, 3)]
    median = exact_quantile(exact, Fraction(1, 2), method)
    deviations = sorted(abs(value - median) for value in exact)
    # In a sorted list, the first of the most frequent is the smallest. A zero that wins is positive.
    times = Counter(exact)
    return {
        "min": float(elements[0]),
        "max": float(elements[-1]),
        "range": nearest(exact[-1] - exact[0]),
        "median": quantile(elements, Fraction(1, 2), method),
        "iqr": nearest(quartiles[1] - quartiles[0]),
        "mad": nearest(exact_quantile(deviations, Fraction(1, 2), method)),
        "mode": nearest(max(times, key=times.get)),
        "distinct": len(times),
    }


def geometric_mean(exact):
    """The n-th root of the product, by a logarithm to 80 digits; promised is the rounding of a number that
    is off by less than 2^-96 of it."""
    if not exact:
        return Undefined("empty")
    if min(exact) < 0:
        return Undefined("non_positive")
    if min(exact) == 0:
        return 0.0
    product = math.prod(exact)
    with localcontext() as context:
        context.prec = 80
        context.Emax, context.Emin = MAX_EMAX, MIN_EMIN
        logarithm = Decimal(product.numerator).ln() - Decimal(product.denominator).ln()
        return Between.around(Fraction((logarithm / len(exact)).exp()), Fraction(1, 2**96))


def harmonic_mean(exact):
    """The reciprocal of the mean reciprocal; promised is the rounding of n over a sum that is off by at most
    2^-128 of what its terms sum to without their signs."""
    if not exact:
        return Undefined("empty")
    if 0 in exact:
        return 0.0
    reciprocals = [1 / value for value in exact]
    total = sum(reciprocals)
    error = sum(map(abs, reciprocals)) / 2**128
    if error * 2**8 >= abs(total):
        return Unknown("it cancels to zero, or nearly")
    return Between.around(len(exact) / total, error / abs(total) * Fraction(257, 256))


def moments(exact):
    n = len(exact)
    # Sums over one power of two, far cheaper than sums of fractions.
    scale = max((value.denominator for value in exact), default=1)
    units = [value.numerator * (scale // value.denominator) for value in exact]
    total = Fraction(sum(units), scale)
    squares = Fraction(sum(unit * unit for unit in units), scale * scale)
    results = dict.fromkeys(MOMENTS, Undefined("empty" if n == 0 else "too_few"))
    results |= {"sum": nearest(total), "sum_squares": nearest(squares)}
    if n == 0:
        return results
    results |= shape(units)
    deviation = squares - total * total / n
    results["mean"] = nearest(total / n)
    results["rms"] = nearest_root(squares / n)
    results["variance_pop"] = nearest(deviation / n)
    results["stddev_pop"] = nearest_root(deviation / n)
    if n == 1:
        return results
    variance = deviation / (n - 1)
    results["variance"] = nearest(variance)
    results["stddev"] = nearest_root(variance)
    results["sem"] = nearest_root(variance / n)
    if total == 0:
        results["cv"] = Undefined("zero_mean")
    else:
        size = nearest_root(variance / (total / n) ** 2)
        results["cv"] = size if total > 0 else -size + 0.0
    return results


def shape(units):
    """Skewness and kurtosis, from the central moments of integers; scale and unit cancel."""
    n = len(units)
    mean_n = sum(units)
    centred = [n * unit - mean_n for unit in units]  # n times the distance from the mean
    m2, m3, m4 = (Fraction(sum(value**k for value in centred), n) for k in (2, 3, 4))
    names = ["skewness", "kurtosis"] + ["skewness_sample"] * (n > 2) + ["kurtosis_sample"] * (n > 3)
    if m2 == 0:
        return dict.fromkeys(names, Undefined("zero_variance"))
    square, kurtosis = m3 * m3 / m2**3, m4 / m2**2 - 3
    sign = (m3 > 0) - (m3 < 0)
    results = {"skewness": sign * nearest_root(square), "kurtosis": nearest(kurtosis)}
    if n > 2:
        results["skewness_sample"] = sign * nearest_root(square * Fraction(n * (n - 1), (n - 2) ** 2))
    if n > 3:
        sample = ((n + 1) * kurtosis + 6) * Fraction(n - 1, (n - 2) * (n - 3))
        results["kurtosis_sample"] = nearest(sample)
    return {name: result + 0.0 for name, result in results.items()}


def histogram(elements, exact, bins):
    """Edges, counts, and what lies outside: between given edges, or in so many bins, or in as many as a rule says."""
    if isinstance(bins, list):
        return counted(elements, bins)
    if not elements:
        return Undefined("empty")
    return equal_width(elements, bins if isinstance(bins, int) else n_bins(elements, exact, bins))


def equal_width(elements, k):
    low, high = Fraction(elements[0]), Fraction(elements[-1])
    if low == high:
        low, high = low - Fraction(1, 2), high + Fraction(1, 2)
    scale = max(low.denominator, high.denominator)
    low, high = (int(end * scale) for end in (low, high))
    edges = [quotient((k - i) * low + i * high, k * scale) for i in range(k + 1)]
    found = counted(elements, edges)
    # The ends hold all values, also one that lies beyond what its end was rounded to.
    found["counts"][0] += found["under"]
    found["counts"][-1] += found["over"]
    return found | {"under": 0, "over": 0}


def counted(elements, edges):
    """Python compares integers with floats exactly."""
    below = [bisect_left(elements, edge) for edge in edges]
    over = len(elements) - bisect_right(elements, edges[-1])
    counts = [upper - lower for lower, upper in zip(below, below[1:])]
    counts[-1] = len(elements) - over - below[-2]
    return {"edges": [edge + 0.0 for edge in edges], "counts": counts, "under": below[0], "over": over}


def n_bins(elements, exact, rule):
    """How many bins a rule of NumPy's asks for, by inequalities of fractions; one more than is allowed stands for all
    that are more."""
    n, spread = len(exact), exact[-1] - exact[0]
    if spread == 0:
        return 1
    moments = central_moments(exact)
    iqr = exact_quantile(exact, Fraction(3, 4), "linear") - exact_quantile(exact, Fraction(1, 4), "linear")
    sturges = 1 + (n - 1).bit_length()
    freedman = smallest(lambda k: (2 * k * iqr) ** 3 >= spread**3 * n)
    return {
        "auto": lambda: max(sturges, min(freedman, smallest(lambda k: k * k >= 4 * n))),
        "fd": lambda: freedman if iqr else 1,
        "doane": lambda: doane(n, moments),
        "scott": lambda: scott(n, spread, moments),
        "stone": lambda: stone(elements),
        "rice": lambda: smallest(lambda k: k**3 >= 8 * n),
        "sturges": lambda: sturges,
        "sqrt": lambda: smallest(lambda k: k * k >= n),
    }[rule]()


def smallest(is_enough):
    """The first number from 1 to one more than is allowed that is enough, as all after it are."""
    return 1 + bisect_left(range(1, BINS_MAX + 1), True, key=is_enough)


def central_moments(exact):
    """The variance of the population, and the square of its skewness, as fractions."""
    n, mean = len(exact), sum(exact) / len(exact)
    m2, m3 = (sum((x - mean) ** k for x in exact) / n for k in (2, 3))
    return m2, m3**2 / m2**3


def doane(n, moments):
    """2^(k - 1) >= n(1 + |g1|/sigma), squared where both sides are positive."""
    if n <= 2:
        return 1
    variance = Fraction(6 * (n - 2), (n + 1) * (n + 3))
    beyond = lambda k: Fraction(2 ** (k - 1), n) - 1
    is_enough = lambda k: beyond(k) >= 0 and beyond(k) ** 2 * variance >= moments[1]
    return next(k for k in range(1, BINS_MAX) if is_enough(k))


def scott(n, spread, moments):
    """k^6 (24^2 pi) sigma^6 >= r^6 n^2: pi is no fraction, so nothing is ever equal, and 50 digits of it tell."""
    pi = Fraction("3.14159265358979323846264338327950288419716939937511")
    return smallest(lambda k: k**6 * 576 * pi * moments[0] ** 3 >= spread**6 * n**2)


def stone(elements):
    """The k with the least k(2n^2 - (n + 1) sum c^2), the first of those that are equal."""
    n = len(elements)
    squares = lambda k: sum(count * count for count in equal_width(elements, k)["counts"])
    return min(range(1, max(100, math.isqrt(n)) + 1), key=lambda k: k * (2 * n * n - (n + 1) * squares(k)))


def quantile(elements, p, method):
    """The quantile by one of the nine definitions of Hyndman and Fan."""
    if not elements:
        return Undefined("empty")
    return between(*neighbours(elements, p, method))


def exact_quantile(elements, p, method):
    """The same before it is rounded, of fractions."""
    lower, upper, weight = neighbours(elements, p, method)
    return (1 - weight) * lower + weight * upper


def neighbours(elements, p, method):
    """The two elements between which a quantile lies, and how far from the first; ranks count from 1."""
    n = len(elements)
    rank = lambda index: elements[min(max(index, 1), n) - 1]
    position = n * p
    if method == "inverted_cdf":
        return (rank(math.ceil(position)),) * 2 + (0,)
    if method == "closest_observation":
        return (rank(round(position)),) * 2 + (0,)  # halves go to the even rank
    if method == "averaged_inverted_cdf":
        if position.denominator != 1:
            return (rank(math.ceil(position)),) * 2 + (0,)
        return rank(int(position)), rank(int(position) + 1), Fraction(1, 2)
    h = {
        "interpolated_inverted_cdf": n * p,
        "hazen": n * p + Fraction(1, 2),
        "weibull": (n + 1) * p,
        "linear": (n - 1) * p + 1,
        "median_unbiased": (n + Fraction(1, 3)) * p + Fraction(1, 3),
        "normal_unbiased": (n + Fraction(1, 4)) * p + Fraction(3, 8),
    }[method]
    h = min(max(h, Fraction(1)), Fraction(n))
    floor = math.floor(h)
    return rank(floor), rank(floor + 1), h - floor


def between(lower, upper, weight):
    """An element itself where no other is needed, else the interpolation, rounded once."""
    if weight == 0 or same_element(lower, upper):
        return float(lower)
    return nearest((1 - weight) * Fraction(lower) + weight * Fraction(upper))


# The second oracle: statistics


def by_statistics(values):
    """What Python's statistics module says, for those that it rounds correctly."""
    functions = {"mean": statistics.mean, "variance_pop": statistics.pvariance, "stddev_pop": statistics.pstdev}
    if len(values) > 1:
        functions |= {"variance": statistics.variance, "stddev": statistics.stdev}
    results = {}
    for name, function in functions.items() if values and STATISTICS_IS_EXACT else ():
        try:
            results[name] = float(function(values)) + 0.0
        except OverflowError:
            pass  # It has no infinity for what rounds to one; the first oracle has.
    return results


# Columns


def finite_bits(rng, low, high):
    """A binary64 of either sign with magnitude bits in low..=high."""
    return from_bits(rng.randint(low, high) | rng.getrandbits(1) << 63)


def ill_conditioned(rng, n):
    """Large values that cancel, and small ones that are left."""
    large = [rng.uniform(-1, 1) * 2.0 ** rng.randint(0, 300) for _ in range(n // 2)]
    small = [rng.uniform(-1, 1) for _ in range(n - 2 * (n // 2))]
    return large + [-value for value in large] + small


def shifted(rng, n):
    """Small differences far from zero, which ruin a naive variance."""
    centre, spread = 10.0 ** rng.randint(3, 15), 10.0 ** rng.randint(-3, 3)
    return [centre + spread * rng.random() for _ in range(n)]


def near_powers(rng, n):
    """The neighbours of powers of two."""
    return [from_bits((rng.randint(1, 2045) << 52) + rng.randint(-2, 2)) for _ in range(n)]


def wide_integers(rng, n):
    """Integers of up to 64 bits, most of them no binary64."""
    if rng.random() < 0.5:
        return [rng.randint(-(2**63), 2**63 - 1) for _ in range(n)]
    base = rng.choice([2**53, 2**62, 2**63, 2**64 - 200])
    return [base + rng.randint(-100, 199) for _ in range(n)]


def mixed(rng, n):
    """Integers beyond binary64 next to floats of any size."""
    return [rng.choice([wide_integers, uniform, any_bits])(rng, 1)[0] for _ in range(n)]


def uniform(rng, n):
    return [rng.uniform(-1000, 1000) for _ in range(n)]


def gaussian(rng, n):
    return [rng.gauss(0, 1) for _ in range(n)]


def decimals(rng, n):
    return [rng.randint(-9999, 9999) / 100 for _ in range(n)]


def subnormal(rng, n):
    return [finite_bits(rng, 0, 2 ** rng.randint(1, 53)) for _ in range(n)]


def huge(rng, n):
    """Values whose sum passes the largest binary64 on the way, and often at the end."""
    return [finite_bits(rng, 0x7FD << 52, FLOAT_MAX_BITS) for _ in range(n)]


def any_bits(rng, n):
    return [finite_bits(rng, 0, FLOAT_MAX_BITS) for _ in range(n)]


def small_integers(rng, n):
    return [rng.randint(-5, 5) for _ in range(n)]


def constant(rng, n):
    return [any_bits(rng, 1)[0]] * n


def zeros(rng, n):
    return [rng.choice([0.0, -0.0, 5e-324, -5e-324]) for _ in range(n)]


KINDS = [
    uniform, gaussian, decimals, ill_conditioned, shifted, subnormal, huge, any_bits, near_powers,
    small_integers, wide_integers, mixed, constant, zeros,
]


def length(rng):
    return rng.choice([rng.randint(0, 3), rng.randint(4, 12), rng.randint(13, 60)])


def spelling(rng, value):
    """One of the ways to write a value; the text is what counts from here on."""
    if isinstance(value, int):
        return rng.choice(["", "00"]) + str(value) if value >= 0 else str(value)
    style = rng.random()
    if style < 0.8:
        return repr(value)
    if style < 0.9:
        return f"{value:.17e}".upper()
    return midpoint(rng, value)


def midpoint(rng, value):
    """All digits of the point half way to the next binary64, and perhaps one more."""
    above = math.nextafter(value, math.inf)
    if math.isinf(above):
        return repr(value)
    with localcontext() as context:
        context.prec = 1100  # more digits than any such point has
        digits, exponent = f"{(Decimal(value) + Decimal(above)) / 2:e}".split("e")
    if "." not in digits:
        digits += "."
    return digits + rng.choice(["", "0", "1"]) + "e" + exponent


def column(rng):
    values = rng.choice(KINDS)(rng, length(rng))
    texts = [spelling(rng, value) for value in values]
    rng.shuffle(texts)
    return texts


def probability(rng):
    """How a probability is written, and what it means."""
    if rng.random() < 0.25:
        denominator = rng.randint(1, 30)
        numerator = rng.randint(0, denominator)
        return f"{numerator}/{denominator}", Fraction(numerator, denominator)
    p = rng.choice([0.0, 1.0, 0.25, 0.75, rng.randint(0, 100) / 100, rng.randint(0, 1000) / 1000, rng.random()])
    return repr(p), Fraction(repr(p))


def bins_for(rng, columns):
    """How a histogram is asked for, and what it means: edges, a number, or a rule. Where Freedman's and Diaconis' asks
    for more bins than are allowed, which is an error, another takes its place."""
    kind = rng.choice(["edges", "number", "rule", "rule"])
    if kind == "edges":
        pool = [0.0, 1.0, -1.0, 0.5, 1e3, -1e3, 2.0**53, 2.0**63, 1e300, 5e-324, rng.uniform(-5, 5)]
        edges = sorted(rng.sample(pool, rng.randint(2, len(pool))))
        return ",".join(map(repr, edges)), edges
    if kind == "number":
        number = rng.randint(1, 40)
        return str(number), number
    # Stone's tries a hundred histograms for each column.
    rule = rng.choices(RULES, [1 if rule == "stone" else 4 for rule in RULES])[0]
    exact = [sorted(map(Fraction, map(value_of, texts))) for texts in columns]
    if rule == "fd" and any(values and n_bins(values, values, rule) > BINS_MAX for values in exact):
        rule = "auto"
    return rule, rule


# Runs


class Tally:
    """How many comparisons there were, and which failed."""

    def __init__(self):
        self.n_passed = 0
        self.failures = []

    def check(self, given, wanted, context):
        if given == wanted or isinstance(wanted, Between) and is_between(given, wanted):
            self.n_passed += 1
        else:
            self.failures.append(f"FAILED {context}: exacta {given}, oracle {wanted}")


def is_between(given, wanted):
    """Whether a result has bits, of a number that may be expected."""
    is_bits = given is not None and re.fullmatch("[0-9a-f]{16}", given) is not None
    return is_bits and wanted.low <= from_bits(int(given, 16)) <= wanted.high


def show(result):
    """A number as what exacta writes for it: its bits."""
    return f"{bits_of(result):016x}"


def run(exacta, columns, probabilities, method, bins, n_threads):
    """Asks exacta about columns of unequal length: shorter ones end in missing values."""
    n_rows = max(len(texts) for texts in columns)
    padded = [texts + [""] * (n_rows - len(texts)) for texts in columns]
    names = [f"c{index}" for index in range(len(columns))]
    lines = [",".join(row) for row in [names, *zip(*padded)]]
    arguments = [
        exacta, "stats", "--json", "--bits", "--exact", f"--histogram={bins}", "--statistics", ",".join(STATISTICS),
        "--quantiles", ",".join(text for text, _ in probabilities),
        "--quantile-method", method, "--threads", str(n_threads),
    ]
    done = subprocess.run(
        arguments, input="\n".join(lines) + "\n", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"exacta failed with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)["columns"]


def shown(summary):
    """What exacta says of each result, in the form of `show`; a decimal must agree with its bits."""
    results = {name: summary.get(name) for name in COUNTS}
    for name in STATISTICS:
        if name in COUNTS:
            continue
        bits = summary["bits"].get(name)
        results[name] = agreed(bits, summary.get(name), summary.get("undefined", {}).get(name))
    results["histogram"] = summary.get("histogram", summary.get("undefined", {}).get("histogram"))
    results |= {f"exact {name}": Fraction(text) for name, text in summary["exact"].items()}
    for index, entry in enumerate(summary.get("quantiles", [])):
        results[index] = agreed(entry.get("bits"), entry.get("value"), entry.get("undefined"))
    return results


def agreed(bits, decimal, reason):
    if bits is None:
        return reason
    value = from_bits(int(bits, 16))
    if math.isfinite(value):
        written = decimal is not None and f"{bits_of(float(decimal)):016x}" == bits and reason is None
    else:
        written = decimal is None and reason == "overflow"
    return bits if written else f"{bits} but {decimal} and {reason}"


def compare(tally, texts, summary, probabilities, method, bins, seed):
    values = [value_of(text) for text in texts]
    results = shown(summary)
    context = lambda name: f"seed {seed}: {name} by {method} of {texts}"
    for name, result in expected(values, [p for _, p in probabilities], method, bins).items():
        if isinstance(result, Unknown):
            continue
        wanted = show(result) if isinstance(result, float) else result
        label = f"quantile {probabilities[name][0]}" if isinstance(name, int) else name
        tally.check(results.get(name), wanted, context(label))
    for name, result in by_statistics(values).items():
        tally.check(results[name], show(result), context(f"{name} (statistics)"))


def compare_call(exacta, seed, start, n_columns):
    """All comparisons of one call of exacta, which depend on nothing but the seed and its place."""
    rng = random.Random(f"{seed} {start}")
    columns = [column(rng) for _ in range(n_columns)]
    method = METHODS[start // COLUMNS_PER_CALL % len(METHODS)]
    asked, bins = bins_for(rng, columns)
    probabilities = list({p: (text, p) for text, p in (probability(rng) for _ in range(8))}.values())
    summaries = run(exacta, columns, probabilities, method, asked, rng.choice([1, 2, 7]))
    tally = Tally()
    for texts, summary in zip(columns, summaries):
        compare(tally, texts, summary, probabilities, method, bins, seed)
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exacta", help="path of the binary")
    parser.add_argument("--cases", type=int, default=5000, help="columns to compare (default 5000)")
    parser.add_argument("--seed", type=int, help="repeats a run (default: a new one)")
    options = parser.parse_args()
    seed = random.SystemRandom().getrandbits(32) if options.seed is None else options.seed
    print(f"seed {seed}, {options.cases} columns, Python {sys.version.split()[0]}")
    if not STATISTICS_IS_EXACT:
        print("statistics is correctly rounded from Python 3.11 on: comparing with fractions alone")
    starts = range(0, options.cases, COLUMNS_PER_CALL)
    lengths = [min(COLUMNS_PER_CALL, options.cases - start) for start in starts]
    with ProcessPoolExecutor() as pool:
        calls = pool.map(partial(compare_call, options.exacta, seed), starts, lengths)
        tallies = list(calls)
    failures = [failure for tally in tallies for failure in tally.failures]
    n_passed = sum(tally.n_passed for tally in tallies)
    print(*failures[:20], sep="\n", end="\n" if failures else "")
    print(f"{n_passed + len(failures)} comparisons: {n_passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
