"""Writes plays as programs write them that know nothing of Segue, for the test of import.

    python writers.py PLAYS.parquet FOLDER [--spark]

FOLDER/same gets files that hold the plays of PLAYS.parquet, in many encodings; FOLDER/refused those that import must refuse
rather than read wrong. --spark adds a folder by PySpark (Java 17).
"""

import argparse
from pathlib import Path

import duckdb
import polars
import pyarrow
import pyarrow.parquet

TEXTS = ["user_id", "song_id", "kind"]
SETTINGS = {
    "brotli": {"compression": "brotli"},
    "gzip": {"compression": "gzip"},
    "none": {"compression": "none"},
    "zstd": {"compression": "zstd"},
    "no_dictionary": {"use_dictionary": False},
    "small_pages": {"data_page_size": 100, "row_group_size": 50},
    "single_rows": {"row_group_size": 1},
    "int96": {"use_deprecated_int96_timestamps": True},
    "delta": {"use_dictionary": False, "column_encoding": {"started_at": "DELTA_BINARY_PACKED", "ms_played": "DELTA_BINARY_PACKED"}},
    "delta_texts": {"use_dictionary": False, "column_encoding": {c: "DELTA_BYTE_ARRAY" for c in TEXTS}},
    "delta_lengths": {"use_dictionary": False, "column_encoding": {c: "DELTA_LENGTH_BYTE_ARRAY" for c in TEXTS}},
    "checked": {"write_page_index": True, "write_page_checksum": True},
}


def cast(plays, column, kind):
    """Returns the plays with a column of another type."""
    at = plays.column_names.index(column)
    return plays.set_column(at, column, plays[column].cast(kind))


def of_other_types(plays):
    """Yields tables of the same plays by name."""
    yield "reordered", plays.select(plays.column_names[::-1])
    yield "milliseconds", cast(plays, "started_at", pyarrow.timestamp("ms", "UTC"))
    yield "nanoseconds", cast(plays, "started_at", pyarrow.timestamp("ns", "UTC"))
    yield "no_zone", cast(plays, "started_at", pyarrow.timestamp("us"))
    yield "integers", cast(plays, "started_at", pyarrow.int64())
    yield "small_integers", cast(plays, "ms_played", pyarrow.int32())
    yield "reals", cast(plays, "ms_played", pyarrow.float64())
    yield "large_texts", cast(plays, "user_id", pyarrow.large_string())
    yield "bytes", cast(plays, "user_id", pyarrow.binary())
    yield "dictionary", plays.set_column(0, "user_id", plays["user_id"].dictionary_encode())
    yield "more_columns", plays.append_column("more", pyarrow.array([{"a": [1]}] * len(plays)))


def write_empty_groups(plays, path):
    """Writes row groups without rows around those of the plays."""
    with pyarrow.parquet.ParquetWriter(path, plays.schema) as writer:
        for part in (plays.slice(0, 0), plays, plays.slice(0, 0)):
            writer.write_table(part)


def write_spark(source, folder):
    """Writes by PySpark with its settings: snappy, times as INT96."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", False).config("spark.sql.session.timeZone", "UTC").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.read.parquet(str(source)).repartition(3).write.parquet(str(folder))
    spark.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plays", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--spark", action="store_true")
    args = parser.parse_args()
    same, refused = args.folder / "same", args.folder / "refused"
    same.mkdir(parents=True)
    refused.mkdir()
    plays = pyarrow.parquet.read_table(args.plays)
    for name, settings in SETTINGS.items():
        pyarrow.parquet.write_table(plays, same / f"{name}.parquet", **settings)
    for name, table in of_other_types(plays):
        pyarrow.parquet.write_table(table, same / f"{name}.parquet")
    write_empty_groups(plays, same / "empty_groups.parquet")
    polars.read_parquet(args.plays).write_parquet(same / "polars.parquet", row_group_size=70)
    with duckdb.connect() as db:
        for version in ("v1", "v2"):
            db.execute(f"copy (from '{args.plays}') to '{same}/duckdb_{version}.parquet' (format parquet, parquet_version {version})")
    pyarrow.parquet.write_table(plays, refused / "lz4.parquet", compression="lz4")
    pyarrow.parquet.write_table(plays, refused / "pages_of_version_2.parquet", data_page_version="2.0")
    if args.spark:
        write_spark(args.plays, same / "spark")


if __name__ == "__main__":
    main()
