#!/usr/bin/env python3
"""Encodes partials as docs/FORMAT.md draws them, and shares nothing with exacta but that page.

    python3 crates/core/tests/format.py < multisets

A line of input is one multiset: `numbers`, `|`, its numbers, `|`, the states, `|`, the edges of the bins if there
are any, each list with blanks between; or `pairs` or `weighted`, `|`, its rows, each `x,y`, `x,w` or `null`. A number
without point or exponent is an integer; `nan`, `inf`, `-inf`, `null` and `invalid` are counted as such. A line of
output is the bytes of its partial in hexadecimal. Only the standard library is used.
"""

import math
import struct
import sys
import zlib
from collections import Counter
from decimal import Decimal, localcontext
from fractions import Fraction

BUCKETS_MAX = 160
SCALE_MAX = 20
PRECISION = 14
OTHERS = ["null", "nan", "inf", "-inf", "invalid"]


# Words


def varint(value):
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def zigzag(value):
    return varint(2 * value if value >= 0 else -2 * value - 1)


def f64(value):
    return struct.pack("<d", value)


def sized(content):
    return varint(len(content)) + content


def number(exact):
    """An exact number whose denominator is a power of two."""
    if exact == 0:
        return b"\0\0"
    odd, exponent = abs(exact.numerator), 1 - exact.denominator.bit_length()
    zeros = (odd & -odd).bit_length() - 1
    odd >>= zeros
    magnitude = odd.to_bytes((odd.bit_length() + 7) // 8, "little")
    return varint(2 * len(magnitude) + (exact < 0)) + zigzag(exponent + zeros) + magnitude


def value(cell):
    nearest = float(cell)
    return f64(nearest) + zigzag(int(Fraction(cell) - Fraction(nearest)))


# Sections


def order(cell):
    """Sorts by number, -0.0 below +0.0."""
    return Fraction(cell), math.copysign(1, cell)


def power_sum(power):
    return lambda cells, edges: number(sum((Fraction(cell) ** power for cell in cells), Fraction(0)))


def extremes(cells, edges):
    return value(min(cells, key=order)) + value(max(cells, key=order)) if cells else b""


def values(cells, edges):
    runs = sorted(Counter(map(order, cells)).items())
    cell_of = {order(cell): cell for cell in cells}
    content = b"".join(value(cell_of[key]) + varint(times) for key, times in runs)
    return varint(len(runs)) + content


def logarithm(positive):
    """To 80 digits."""
    with localcontext() as context:
        context.prec = 80
        return Decimal(positive).ln()


def n_zeros(cells):
    return sum(cell == 0 for cell in cells)


def logs(cells, edges):
    with localcontext() as context:
        context.prec = 80
        nearest = [int((logarithm(cell) * 2**96).to_integral_value()) for cell in cells if cell > 0]
    n_negatives = sum(cell < 0 for cell in cells)
    return number(Fraction(sum(nearest), 2**96)) + varint(n_zeros(cells)) + varint(n_negatives)


def reciprocal(exact):
    """The nearest number of 128 significant bits to 1/x."""
    size = 1 / abs(exact)
    exponent = size.numerator.bit_length() - size.denominator.bit_length() - 128
    unit = Fraction(2) ** exponent
    if size / unit >= 2**128:
        unit *= 2
    elif size / unit < 2**127:
        unit /= 2
    return round(size / unit) * unit * (1 if exact > 0 else -1)


def reciprocals(cells, edges):
    return number(sum((reciprocal(Fraction(c)) for c in cells if c != 0), Fraction(0))) + varint(n_zeros(cells))


def finest_bucket(positive):
    """The bucket at scale 20."""
    exact = Fraction(positive)
    high, low = exact.numerator, exact.denominator
    if high & (high - 1) == 0 and low & (low - 1) == 0:
        return (high.bit_length() - low.bit_length()) * 2**SCALE_MAX - 1
    with localcontext() as context:
        context.prec = 80
        return math.floor(logarithm(positive) / Decimal(2).ln() * 2**SCALE_MAX)


def exponential(cells, edges):
    sides = [[finest_bucket(c) for c in cells if c > 0], [finest_bucket(-c) for c in cells if c < 0]]
    width = lambda side, by: (max(side) >> by) - (min(side) >> by) + 1 if side else 0
    by = next(by for by in range(32) if all(width(side, by) <= BUCKETS_MAX for side in sides))
    content = varint(BUCKETS_MAX) + zigzag(SCALE_MAX - by) + varint(n_zeros(cells))
    for side in sides:
        counts = Counter(bucket >> by for bucket in side)
        first, last = (min(counts), max(counts)) if counts else (0, -1)
        content += zigzag(first) + varint(last - first + 1)
        content += b"".join(varint(counts[bucket]) for bucket in range(first, last + 1))
    return content


def mix(bits):
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB % 2**64
    return bits ^ bits >> 31


def hash_of(cell):
    nearest = float(cell) + 0.0
    bits = struct.unpack("<Q", f64(nearest))[0]
    remainder = int(Fraction(cell) - Fraction(nearest))
    mixed = mix((bits + 0x9E3779B97F4A7C15) % 2**64)
    return mix(mixed ^ remainder % 2**64) if remainder else mixed


def registers(cells, edges):
    ranks = bytearray(2**PRECISION)
    width = 64 - PRECISION
    for cell in cells:
        hashed = hash_of(cell)
        rest = hashed % 2**width
        rank = width - rest.bit_length() + 1
        ranks[hashed >> width] = max(ranks[hashed >> width], rank)
    n_met = sum(rank > 0 for rank in ranks)
    if 3 * n_met >= len(ranks):
        return bytes([PRECISION, 0]) + bytes(ranks)
    content, gap = bytes([PRECISION, 1]) + varint(n_met), 0
    for rank in ranks:
        if rank:
            content += varint(gap) + bytes([rank])
        gap = 0 if rank else gap + 1
    return content


def bins(cells, edges):
    exact = [Fraction(edge) for edge in edges]
    counts, under, over = [0] * (len(edges) - 1), 0, 0
    for cell in map(Fraction, cells):
        if cell < exact[0]:
            under += 1
        elif cell > exact[-1]:
            over += 1
        else:
            counts[min(sum(edge <= cell for edge in exact), len(counts)) - 1] += 1
    content = b"".join(f64(edge + 0.0) for edge in edges) + b"".join(map(varint, counts))
    return varint(len(counts)) + content + varint(under) + varint(over)


SECTIONS = {
    "sum": (1, power_sum(1)),
    "sum_squares": (2, power_sum(2)),
    "extremes": (3, extremes),
    "values": (4, values),
    "sum_cubes": (5, power_sum(3)),
    "sum_fourths": (6, power_sum(4)),
    "logs": (7, logs),
    "reciprocals": (8, reciprocals),
    "exponential": (9, exponential),
    "registers": (10, registers),
    "bins": (11, bins),
}


# Bodies


def parse(word):
    return int(word) if word.lstrip("-").isdecimal() else float(word)


def column(words, states, edges):
    cells = [parse(word) for word in words if word not in OTHERS]
    counts = [len(cells)] + [words.count(other) for other in OTHERS]
    body = b"".join(map(varint, counts))
    for tag, write in sorted((SECTIONS[state] for state in states), key=lambda section: section[0]):
        body += bytes([tag]) + sized(write(cells, edges))
    return body


def other(cells):
    """What a row counts as if it is not finite."""
    infinities = ["inf" if cell > 0 else "-inf" for cell in cells if math.isinf(cell)]
    return "nan" if any(cell != cell for cell in cells) else infinities[0] if infinities else None


def split(words, n_that_decide):
    """The counts, the finite rows as exact numbers, and the other rows."""
    rows = [tuple(map(parse, word.split(","))) for word in words if word != "null"]
    kinds = [other(row[:n_that_decide]) for row in rows]
    counts = [kinds.count(None), words.count("null")] + [kinds.count(other) for other in OTHERS[1:]]
    finite = [tuple(map(Fraction, row)) for row, kind in zip(rows, kinds) if kind is None]
    return b"".join(map(varint, counts)), finite, [row for row, kind in zip(rows, kinds) if kind]


def total(terms):
    return number(sum(terms, Fraction(0)))


def pairs(words):
    counts, rows, _ = split(words, 2)
    sums = total(x for x, y in rows) + total(y for x, y in rows)
    squares = total(x * x for x, y in rows) + total(y * y for x, y in rows)
    return counts + sums + squares + total(x * y for x, y in rows)


def weighted(words):
    counts, rows, others = split(words, 1)
    weights = total(w for x, w in rows) + total(Fraction(w) for x, w in others)
    return counts + weights + total(w * x for x, w in rows) + total(w * x * x for x, w in rows)


# The frame


def frame(kind, body):
    framed = b"EXCT\x01" + bytes([kind]) + sized(body)
    return framed + struct.pack("<I", zlib.crc32(framed))


def encode(kind, words, states=(), edges=()):
    if kind == "pairs":
        return frame(2, pairs(words))
    if kind == "weighted":
        return frame(3, weighted(words))
    return frame(1, column(words, states, [float(edge) for edge in edges]))


def main():
    for line in sys.stdin:
        kind, *lists = line.split("|")
        print(encode(kind, *map(str.split, lists)).hex())


if __name__ == "__main__":
    main()
