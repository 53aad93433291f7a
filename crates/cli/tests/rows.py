#!/usr/bin/env python3
"""Compares what exacta says of rows (--where, --by, --pair, --weights, --top) with exact arithmetic in Python, bit for bit.

    python3 crates/cli/tests/rows.py target/debug/exacta [--cases N] [--seed S]

Each case is a small table of numbers, texts and missing cells in many spellings, and a question. What exacta
prints for it (--json --bits) is compared with what is computed here from the texts of the cells, over
`fractions.Fraction`. Only the standard library is used. The exit code is 0 if every comparison passes.
"""

import argparse
import csv
import io
import json
import math
import random
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial

from oracle import bits_of, nearest, nearest_root

NUMBERS = [
    "1", "1.0", "+1", "1e0", "01", "2", "2.50", "2.5", "-3", "-0", "0", "1e300", "5e-324", "0.1", "1e16",
    "9007199254740993", "9007199254740992", "-9223372036854775808", "18446744073709551615",
]
SPECIALS = ["nan", "inf", "-Infinity"]
TEXTS = ["a", "b", "rain", "B", "1e999", " x", "é", 'quo"te', "new\nline", "a,b", "2015-01"]
OPERATORS = ["=", "!=", "<", "<=", ">", ">="]


# Cells


def number_of(text):
    """The number that a cell reads as: an int, a Fraction, a float that is not finite, or None."""
    text = text.strip(" \t")
    if re.fullmatch(r"[+-]?[0-9]+", text) and -(2**63) <= int(text) < 2**64:
        return int(text)
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        special = re.fullmatch(r"([+-]?)(nan|inf|infinity)", text.lower())
        return float(text) if special else None
    value = float(text)
    return Fraction(value) if math.isfinite(value) else None


def is_finite(number):
    return not isinstance(number, float)


def shortest(text):
    """A cell as the key of a group is written."""
    number = number_of(text)
    if number is None:
        return text
    if not is_finite(number):
        return "NaN" if math.isnan(number) else str(number)
    if number == int(number) and -(2**63) <= number < 2**64:
        return str(int(number))
    return re.sub(r"e([+-])0*", r"e\1", repr(float(number))).replace("e+", "e")


def rank(cell):
    """Where a key stands: numbers by value, NaN behind them, texts by their bytes, missing ones last."""
    number = number_of(cell) if cell else None
    if number is not None:
        return (0, math.isnan(number), 0 if math.isnan(number) else number, b"")
    return (1, False, 0, cell.encode()) if cell else (2, False, 0, b"")


def holds(cell, operator, value, is_quoted):
    if not cell:
        return False
    left, right = number_of(cell), None if is_quoted else number_of(value)
    if left is not None and right is not None:
        nans = math.isnan(left) + math.isnan(right)
        order = None if nans == 1 else 0 if nans == 2 else (left > right) - (left < right)
    elif left is None and (right is None or operator in "!="):
        order = (cell.encode() > value.encode()) - (cell.encode() < value.encode())
    elif right is None and operator in "!=":
        order = 0 if cell == value else 1
    else:
        order = None
    return {
        "=": order == 0,
        "!=": order != 0,
        "<": order == -1,
        "<=": order in (-1, 0),
        ">": order == 1,
        ">=": order in (0, 1),
    }[operator]


# Statistics


def sum_of(numbers):
    return sum(map(Fraction, numbers), Fraction(0))


def finite_column(cells):
    """What is expected of a column without NaN and infinities: its counts, and bits by name."""
    numbers = [number_of(cell) for cell in cells if cell]
    n, total = len(numbers), sum_of(numbers)
    results = {"sum": nearest(total)}
    if n > 0:
        results |= {"mean": nearest(total / n), "median": nearest(median(numbers))}
    if n > 1:
        squares = sum_of(Fraction(x) ** 2 for x in numbers)
        results["stddev"] = nearest_root((squares - total**2 / n) / (n - 1))
    return n, len(cells) - n, {name: f"{bits_of(value):016x}" for name, value in results.items()}


def median(numbers):
    ordered = sorted(map(Fraction, numbers))
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


# Questions


def cell(rng, kinds):
    kind = rng.choices(["number", "special", "text", "missing"], kinds)[0]
    pool = {"number": NUMBERS, "special": SPECIALS, "text": TEXTS, "missing": [""]}[kind]
    return rng.choice(pool)


def table(rng):
    """Rows of two keys and two columns of numbers."""
    # A median may be -0.0, which no fraction is; that is for oracle.py.
    value = lambda: cell(rng, (8, 0, 0, 1)).replace("-0", "-0.5")
    row = lambda: [cell(rng, (6, 1, 4, 1)), cell(rng, (3, 0, 1, 1)), value(), value()]
    rows = [row() for _ in range(rng.choice([0, 1, 2, 5, 30, 200]))]
    return ["k", "long key", "x", "y"], rows


def written(names, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *rows])
    return text.getvalue()


def condition(rng, names):
    """A condition as it is written, and its parts."""
    index, operator = rng.randrange(len(names)), rng.choice(OPERATORS)
    value = cell(rng, (6, 1, 4, 1))
    is_quoted = rng.random() < 0.2 or value.strip() != value or not value
    quote = lambda text: '"' + text.replace('"', '""') + '"'
    blank = rng.choice(["", " "])
    text = f"{names[index]}{blank}{operator}{blank}{quote(value) if is_quoted else value}"
    return text, (index, operator, value, is_quoted)


def run(exacta, text, arguments, n_threads):
    command = [exacta, "stats", "--json", "--bits", "-t", str(n_threads), *arguments]
    done = subprocess.run(command, input=text.encode(), capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command} gave {done.returncode}: {done.stderr.decode()} for {text[:500]!r}")
    return json.loads(done.stdout)


def expected_column(name, cells):
    count, null, bits = finite_column(cells)
    return {"name": name, "count": count, "null": null, "bits": bits}


def told_column(summary):
    names = ["sum", "mean", "median", "stddev"]
    bits = {name: summary["bits"][name] for name in names if name in summary["bits"]}
    return {"name": summary["name"], "count": summary["count"], "null": summary.get("null", 0), "bits": bits}


def compare_groups(exacta, rng):
    """A question about groups: what was found, and what should have been."""
    names, rows = table(rng)
    by = rng.choice([[0], [1], [0, 1], [1, 0]])
    conditions = [condition(rng, names) for _ in range(rng.choice([0, 0, 1, 2]))]
    statistics = rng.choice(["sum,mean", "sum,mean,stddev", "sum,mean,stddev,median"])
    arguments = ["-s", statistics, "-c", "x,y", "--by", ",".join(names[index] for index in by)]
    for text, _ in conditions:
        arguments += ["--where", text]
    answer = run(exacta, written(names, rows), arguments, rng.choice([1, 2, 7]))
    kept = [row for row in rows if all(holds(row[at], *rest) for _, (at, *rest) in conditions)]
    groups = {}
    for row in kept:
        groups.setdefault(tuple(shortest(row[index]) for index in by), []).append(row)
    expected = []
    for key in sorted(groups, key=lambda key: [rank(cell) for cell in key]):
        columns = [expected_column(names[at], [row[at] for row in groups[key]]) for at in (2, 3)]
        for column in columns:
            column["bits"] = {name: column["bits"][name] for name in column["bits"] if name in statistics}
        expected.append({"by": {names[at]: cell for at, cell in zip(by, key) if cell}, "columns": columns})
    found = [
        {"by": group["by"], "columns": [told_column(column) for column in group["columns"]]}
        for group in answer["groups"]
    ]
    return arguments, written(names, rows), found, expected


def row_results(rows, formulas):
    """The bits and the reasons of results over rows of numbers."""
    results = {name: formula(rows) for name, formula in formulas.items()}
    bits = {name: f"{bits_of(value):016x}" for name, value in results.items() if not isinstance(value, str)}
    return bits, {name: value for name, value in results.items() if isinstance(value, str)}


def spread(rows, left, right):
    """n times the sum of products of differences to the means."""
    n, sums = len(rows), [sum_of(row[at] for row in rows) for at in (left, right)]
    return n * sum_of(row[left] * row[right] for row in rows) - sums[0] * sums[1]


def covariance(n_missing):
    return lambda rows: (
        "empty" if not rows and n_missing == 0
        else "too_few" if len(rows) <= n_missing
        else nearest(spread(rows, 0, 1) / (len(rows) * (len(rows) - n_missing)))
    )


def correlation(rows):
    joint, x, y = spread(rows, 0, 1), spread(rows, 0, 0), spread(rows, 1, 1)
    root = nearest_root(joint**2 / (x * y)) if x and y else None
    return root and (root if joint > 0 else -root)


def slope(rows):
    return nearest(spread(rows, 0, 1) / spread(rows, 0, 0))


def intercept(rows):
    x, y = (sum_of(row[at] for row in rows) for at in (0, 1))
    return nearest((y - x * spread(rows, 0, 1) / spread(rows, 0, 0)) / len(rows))


def numbers_of(rows, columns):
    """Rows in which none of these is missing, as fractions."""
    kept = [[row[at] for at in columns] for row in rows if all(row[at] for at in columns)]
    return [[Fraction(number_of(cell)) for cell in row] for row in kept]


def compare_pairs(exacta, rng):
    names, rows = table(rng)
    arguments = ["-s", "sum", "-c", "x", "--pair", "x,y", "--pair", "y,x"]
    answer = run(exacta, written(names, rows), arguments, rng.choice([1, 2, 7]))
    found, expected = [], []
    for pair, columns in zip(answer["pairs"], ((2, 3), (3, 2))):
        kept = numbers_of(rows, columns)
        formulas = {"covariance": covariance(1), "covariance_pop": covariance(0)}
        if len(kept) > 1 and spread(kept, 0, 0):
            formulas |= {"slope": slope, "intercept": intercept}
            if spread(kept, 1, 1) and spread(kept, 0, 1):
                formulas["correlation"] = correlation
        bits, _ = row_results(kept, formulas)
        told = {name: pair["bits"][name] for name in formulas if name in pair["bits"]}
        found.append([pair["x"], pair["y"], pair["count"], pair.get("null", 0), told])
        expected.append([*(names[at] for at in columns), len(kept), len(rows) - len(kept), bits])
    return arguments, written(names, rows), found, expected


def compare_weights(exacta, rng):
    """Weights are numbers that are not negative; the sum of weights may be zero."""
    names, rows = table(rng)
    rows = [[*row[:3], row[3].lstrip("-")] for row in rows]
    arguments = ["-s", "sum", "-c", "x", "--weights", "y"]
    answer = run(exacta, written(names, rows), arguments, rng.choice([1, 2, 7]))
    kept = numbers_of(rows, (2, 3))
    total = sum_of(w for _, w in kept)
    mean = sum_of(w * x for x, w in kept) / total if total else None
    about = sum_of(w * (x - mean) ** 2 for x, w in kept) if total else None
    bits = {}
    if total:
        bits |= {"weighted_mean": nearest(mean), "weighted_variance_pop": nearest(about / total)}
    if total > 1:
        bits["weighted_variance"] = nearest(about / (total - 1))
    expected = [len(kept), {name: f"{bits_of(value):016x}" for name, value in bits.items()}]
    column = answer["columns"][0]
    told = {name: value for name, value in column["bits"].items() if name.startswith("weighted")}
    return arguments, written(names, rows), [[column["weighted_count"], told]], [expected]


def as_objects(rng, names, rows, is_complete):
    """Rows as NDJSON. A missing cell is null, or no member where columns may appear late."""
    is_there = lambda cell: cell or is_complete or rng.random() < 0.5
    objects = [{name: cell or None for name, cell in zip(names, row) if is_there(cell)} for row in rows]
    return "".join(json.dumps(row) + "\n" for row in objects)


def compare_top(exacta, rng):
    """The most frequent values, of a table in any format and order."""
    names, rows = table(rng)
    n_values = rng.choice([1, 2, 3, 10, 100])
    conditions = [condition(rng, names) for _ in range(rng.choice([0, 0, 1]))]
    columns = rng.choice([[], ["y", "k"]])
    arguments = ["-s", "sum", "--top" if n_values == 10 else f"--top={n_values}"]
    for text, _ in conditions:
        arguments += ["--where", text]
    if columns:
        arguments += ["-c", ",".join(columns)]
    text = written(names, rows)
    # In a condition a string of JSON is text, whatever it reads as.
    if rows and not conditions and rng.random() < 0.5:
        arguments += ["--from", "ndjson"]
        text = as_objects(rng, names, rows, is_complete=bool(columns))
    answer = run(exacta, text, arguments, rng.choice([1, 2, 7]))
    kept = [row for row in rows if all(holds(row[at], *rest) for _, (at, *rest) in conditions)]
    found = [[column["name"], column["top"]] for column in answer["columns"]]
    expected = []
    for name, _ in found:
        counts = Counter(shortest(row[names.index(name)]) for row in kept if row[names.index(name)])
        top = sorted(counts.items(), key=lambda item: (-item[1], rank(item[0])))[:n_values]
        expected.append([name, [{"value": value, "count": count} for value, count in top]])
    return arguments, text, found, expected


QUESTIONS = [compare_groups, compare_pairs, compare_weights, compare_top]


def compare(exacta, seed, case):
    """The case of a number, which depends on nothing but the seed: nothing, or what is wrong."""
    arguments, text, found, expected = QUESTIONS[case % len(QUESTIONS)](exacta, random.Random(f"{seed} {case}"))
    if found == expected:
        return None
    differing = next((pair for pair in zip(found, expected) if pair[0] != pair[1]), (found, expected))
    return f"FAILED seed {seed}: {arguments} of {text!r} is\n{differing[0]}, not\n{differing[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exacta", help="path of the binary")
    parser.add_argument("--cases", type=int, default=1000, help="questions to compare (default 1000)")
    parser.add_argument("--seed", type=int, help="repeats a run (default: a new one)")
    options = parser.parse_args()
    seed = random.SystemRandom().getrandbits(32) if options.seed is None else options.seed
    with ProcessPoolExecutor() as pool:
        outcomes = list(pool.map(partial(compare, options.exacta, seed), range(options.cases), chunksize=16))
    failures = [outcome for outcome in outcomes if outcome]
    print(*failures[:5], sep="\n", end="\n" if failures else "")
    print(f"seed {seed}: {len(outcomes) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
