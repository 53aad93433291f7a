"""The peers of `cargo xtask bench kernel`, in one long-lived process.

Each line of stdin is a request, each line of stdout its answer, both JSON. Numbers go as the
hexadecimal bytes of little-endian binary64. Statements to be timed come with the request, in
Python; the names that they see are those in `names`. What is exact here is computed with integers
of any size and shares no code with exacta.
"""

import json
import math
import sys
import timeit
from fractions import Fraction

import duckdb
import numpy
import polars
import pyarrow
import scipy
import scipy.stats

duck = duckdb.connect(config={"threads": 1})
names = {"numpy": numpy, "polars": polars, "scipy": scipy, "duck": duck}

# frexp gives an exponent e and a fraction of 53 bits: the number is an integer times 2^(e-53), and
# the smallest e is -1073.
LOWEST = -1074
SCALE = 53 - LOWEST
# Three digits of 18 bits: a product of two has 36, so 2^16 of them are added exactly in binary64.
DIGIT = 18
CHUNK = 1 << 16


def versions():
    modules = [numpy, polars, duckdb, scipy]
    return {"Python": sys.version.split()[0]} | {m.__name__: m.__version__ for m in modules}


def load(name, path, dtype):
    """Takes an array from a file, and makes the views of it that the peers like best."""
    array = numpy.fromfile(path, dtype=dtype)
    names[name] = array
    if name == "x":
        arrow = pyarrow.array(array)
        names["series"] = polars.from_arrow(arrow)
        names["frame"] = polars.DataFrame({"x": names["series"]})
        duck.register("t", pyarrow.table({"x": arrow}))


def drop():
    """Gives the memory of all arrays back."""
    duck.unregister("t")
    for name in ["x", "ids", "scaled", "series", "frame"]:
        names.pop(name, None)


def name(name, value):
    names[name] = value


def scale(exponent):
    """Numbers whose sum does not overflow on the way."""
    names["scaled"] = names["x"] * 2.0**exponent


def time(statement, runs):
    """Seconds for one run of a statement, and what it gives."""
    try:
        seconds = timeit.Timer(statement, globals=names).timeit(runs) / runs
        return {"seconds": seconds, "answer": packed(flat(eval(statement, names)))}
    except Exception as error:
        return {"wrong": f"{type(error).__name__}: {error}".splitlines()[0]}


def flat(value):
    if isinstance(value, polars.DataFrame):
        return value.row(0)
    return numpy.ravel(value)


def packed(values):
    return numpy.asarray(values, dtype="<f8").tobytes().hex()


def expect(what, probabilities=()):
    """The correctly rounded answer."""
    x = names["x"]
    finite = x[numpy.isfinite(x)]
    if what == "sum":
        return [quotient(*power_sums(finite, 1)[1])]
    if what == "one pass":
        return one_pass(finite)
    if what == "shape":
        return shape(finite)
    if what == "quantiles":
        return quantiles(finite, probabilities)
    return group_sums(finite, names["ids"], names["n_groups"])


def one_pass(x):
    n = len(x)
    (_, _), (sum1, unit1), (sum2, unit2) = power_sums(x, 2)
    above = n * sum2 * unit1**2 - sum1**2 * unit2
    below = n * (n - 1) * unit1**2 * unit2
    return [
        n,
        quotient(sum1, unit1),
        quotient(sum1, n * unit1),
        numpy.min(x),
        numpy.max(x),
        quotient(above, below),
        root(above, below),
    ]


def shape(x):
    """Skewness and excess kurtosis of the population."""
    n = len(x)
    s1, s2, s3, s4 = (Fraction(total, unit) / n for total, unit in power_sums(x, 4)[1:])
    m2 = s2 - s1**2
    m3 = s3 - 3 * s1 * s2 + 2 * s1**3
    m4 = s4 - 4 * s1 * s3 + 6 * s1**2 * s2 - 3 * s1**4
    skewness = root(*(m3**2 / m2**3).as_integer_ratio())
    return [math.copysign(skewness, m3), quotient(*(m4 / m2**2 - 3).as_integer_ratio())]


def quantiles(x, probabilities):
    """The linear method; a probability is the decimal that it is written as."""
    places = [(len(x) - 1) * Fraction(probability) for probability in probabilities]
    below = [math.floor(place) for place in places]
    ranks = sorted({min(rank + step, len(x) - 1) for rank in below for step in (0, 1)})
    parted = numpy.partition(x, ranks)
    answers = []
    for place, rank in zip(places, below):
        low, high = (Fraction(parted[min(r, len(x) - 1)]) for r in (rank, rank + 1))
        answers.append(quotient(*(low + (place - rank) * (high - low)).as_integer_ratio()))
    return answers


def group_sums(x, ids, n_groups):
    ends = numpy.cumsum(numpy.bincount(ids, minlength=n_groups))
    parts = numpy.split(x[numpy.argsort(ids, kind="stable")], ends[:-1])
    return [math.fsum(part) for part in parts]


def power_sums(x, highest):
    """The sums of the powers from 0 up to the highest, each as a numerator and a denominator."""
    assert len(x) < 1 << 27, "the digits are added in 64 bits"
    linear = numpy.zeros((3, 1 - LOWEST + 1025), dtype="i8")
    square = numpy.zeros((6, 1 - LOWEST + 1025), dtype="i8")
    higher = {power: 0 for power in range(3, highest + 1)}
    for start in range(0, len(x), CHUNK):
        fraction, exponent = numpy.frexp(x[start : start + CHUNK])
        whole = (fraction * 2.0**53).astype("i8")
        place = exponent - LOWEST
        mask = (1 << DIGIT) - 1
        digits = [(whole & mask), (whole >> DIGIT) & mask, whole >> 2 * DIGIT]
        digits = [digit.astype("f8") for digit in digits]
        add(linear, place, digits)
        if highest >= 2:
            add(square, place, products(digits))
        for power in higher:
            higher[power] += power_sum(whole, place, power)
    totals = [len(x), gather(linear, [0, 1, 2], 1), gather(square, [0, 1, 2, 2, 3, 4], 2)]
    totals += higher.values()
    return [(total, 1 << power * SCALE) for power, total in enumerate(totals[: highest + 1])]


def products(digits):
    low, middle, high = digits
    yield low * low
    yield 2 * low * middle
    yield 2 * low * high
    yield middle * middle
    yield 2 * middle * high
    yield high * high


def add(sums, place, rows):
    """Adds each row of digits to the sums of the exponent that each belongs to."""
    for total, row in zip(sums, rows):
        counted = numpy.bincount(place, row)
        total[: len(counted)] += counted.astype("i8")


def gather(sums, weights, power):
    """One integer out of the sums of all digits and exponents."""
    return sum(
        int(digits) << weight * DIGIT + power * int(place)
        for row, weight in zip(sums, weights)
        for place in numpy.flatnonzero(row)
        for digits in [row[place]]
    )


def power_sum(whole, place, power):
    return sum(
        sum(w**power for w in whole[place == p].tolist()) << power * int(p)
        for p in numpy.unique(place)
    )


def quotient(above, below):
    """The nearest binary64, which is what Python's division of integers gives."""
    try:
        return above / below
    except OverflowError:
        return math.inf if above > 0 else -math.inf


def root(above, below):
    """The binary64 nearest to the root of a fraction."""
    shift = max(0, 128 + below.bit_length() - above.bit_length()) // 2
    exact, rest = divmod(above << 2 * shift, below)
    whole = math.isqrt(exact)
    is_inexact = rest != 0 or whole**2 != exact
    return quotient(2 * whole + is_inexact, 2 << shift)


def answer(request):
    match request.pop("do"):
        case "versions":
            return versions()
        case "load":
            return load(**request)
        case "name":
            return name(**request)
        case "scale":
            return scale(**request)
        case "drop":
            return drop()
        case "time":
            return time(**request)
        case "expect":
            return packed(expect(**request))


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
