"""Small experiments with NumPy, Polars and DuckDB: the facts of docs/COMPARE.md.

`cargo xtask bench kernel --quick` makes an environment that has them:
target/bench/venv/bin/python examples/compare/peers.py
"""

import math
import statistics

import duckdb
import numpy
import polars
import pyarrow

duck = duckdb.connect(config={"threads": 2})
random = numpy.random.default_rng(7)


def in_duckdb(expression, values):
    duck.register("t", pyarrow.table({"x": pyarrow.array(values)}))
    return duck.execute(f"select {expression} from t").fetchall()[0][0]


SUMS = {
    "NumPy": numpy.sum,
    "Polars": lambda x: polars.Series(x).sum(),
    "DuckDB sum": lambda x: in_duckdb("sum(x)", x),
    "DuckDB fsum": lambda x: in_duckdb("fsum(x)", x),
    "math.fsum": math.fsum,
}
STDDEVS = {
    "NumPy, ddof=1": lambda x: numpy.std(x, ddof=1),
    "Polars": lambda x: polars.Series(x).std(),
    "DuckDB": lambda x: in_duckdb("stddev_samp(x)", x),
    "statistics": lambda x: statistics.stdev(x.tolist()),
}


def attempt(function, values):
    try:
        return float(function(values))
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:60]}"


for name, values in {
    "[1e16, 1, -1e16]": [1e16, 1.0, -1e16],
    "[1e308, 1e308, -1e308]": [1e308, 1e308, -1e308],
}.items():
    for way, function in SUMS.items():
        print(f"sum of {name}: {way}: {attempt(function, numpy.array(values))!r}")

for name, values in {
    "1000 numbers in [1e15, 1e15 + 1)": 1e15 + numpy.arange(1000) * 0.618 % 1,
    "[1e155, 2e155, 3e155]": numpy.array([1e155, 2e155, 3e155]),
    "[1e-170, 2e-170, 4e-170]": numpy.array([1e-170, 2e-170, 4e-170]),
}.items():
    for way, function in STDDEVS.items():
        print(f"stddev of {name}: {way}: {attempt(function, values)!r}")

values = random.random(100_000)
orders = [random.permutation(values) for _ in range(20)]
for what, ways in {"sums": SUMS, "stddevs": STDDEVS}.items():
    for way, function in ways.items():
        if way == "statistics":
            orders = orders[:3]  # it is slow
        results = {attempt(function, order) for order in orders}
        print(f"different {what} of {len(orders)} orders: {way}: {len(results)}")

many = random.random(10_000_000)
duck.register("many", pyarrow.table({"x": pyarrow.array(many)}))
for expression in ["sum(x)", "fsum(x)", "stddev_samp(x)"]:
    query = f"select {expression} from many"
    results = {duck.execute(query).fetchall()[0][0] for _ in range(12)}
    print(f"different results of 12 runs, same rows, 2 threads: DuckDB {expression}: {len(results)}")

few = numpy.array([1.0, 2.0, 3.0, 4.0, 10.0])
print("std by default:", {
    "NumPy": float(numpy.std(few)),
    "Polars": polars.Series(few).std(),
    "DuckDB stddev": in_duckdb("stddev(x)", few),
})
print("quantile 0.3 by default:", {
    "NumPy": float(numpy.quantile(few, 0.3)),
    "Polars": polars.Series(few).quantile(0.3),
    "DuckDB quantile": in_duckdb("quantile(x, 0.3)", few),
    "DuckDB quantile_cont": in_duckdb("quantile_cont(x, 0.3)", few),
})
