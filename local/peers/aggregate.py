"""Counts plays and sums milliseconds by hour, device and mood with DuckDB and with Polars, and says what it cost.

    python aggregate.py PLAYS.parquet REPEATS

Prints a line a program: its name, the least CPU seconds (user and system) of the repeats, then the number of groups, all
plays and all milliseconds. Reading the file is part of it; starting the interpreter is not.
"""

import resource
import sys

import duckdb
import polars


def cpu():
    """Returns the CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def with_duckdb(path):
    """Returns (hour, device, mood, plays, ms) rows as DuckDB counts them."""
    with duckdb.connect() as db:
        return db.execute("select hour, device, mood, count(*), sum(ms) from read_parquet(?) group by all", [path]).fetchall()


def with_polars(path):
    """Returns (hour, device, mood, plays, ms) rows as Polars counts them."""
    groups = polars.scan_parquet(path).group_by("hour", "device", "mood")
    return groups.agg(polars.len().alias("plays"), polars.col("ms").sum()).collect(engine="streaming").rows()


def main():
    """Measures both programs on the file named on the command line."""
    path, repeats = sys.argv[1], int(sys.argv[2])
    for name, count in (("duckdb", with_duckdb), ("polars", with_polars)):
        best, rows = float("inf"), []
        for _ in range(repeats):
            before = cpu()
            rows = count(path)
            best = min(best, cpu() - before)
        print(name, f"{best:.4f}", len(rows), sum(r[3] for r in rows), sum(r[4] for r in rows))


if __name__ == "__main__":
    main()
