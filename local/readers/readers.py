"""Opens every table of a lake's current release with readers that know nothing of Segue.

    python readers.py LAKE [--spark]

LAKE is a directory. The way in is the one every reader should take: current.json, the manifest it names, the files that
lists. DuckDB, Polars and PyArrow each check that a table has as many rows as the manifest says, no two rows with the same
key and no float that is infinite or not a number, also inside lists. --spark reads all of it with PySpark too (Java 17).
Prints one line a table; the exit code is 1 when anything is wrong.
"""

import argparse
import json
import sys
from pathlib import Path

import duckdb
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet


def release(lake):
    """Returns the manifest of the current release."""
    pointer = json.loads((lake / "current.json").read_text())
    manifest = json.loads((lake / pointer["manifest"]).read_text())
    if manifest["run"] != pointer["run"]:
        raise SystemExit(f"{pointer['manifest']} is of run {manifest['run']}, current.json names {pointer['run']}")
    return manifest


def duckdb_facts(files, key):
    """Returns (rows, repeated keys, columns with odd floats) as DuckDB sees them."""
    with duckdb.connect() as db:
        db.execute("create table t as select * from read_parquet(?)", [files])
        rows = db.execute("select count(*) from t").fetchone()[0]
        columns = ", ".join(f'"{k}"' for k in key)
        repeated = db.execute(f"select count(*) from (select {columns} from t group by all having count(*) > 1)").fetchone()[0]
        odd = [c for c, test in duckdb_floats(db) if db.execute(f"select count(*) from t where {test}").fetchone()[0]]
    return rows, repeated, odd


def duckdb_floats(db):
    """Yields each column that holds floats, with the condition of a row that has an odd one."""
    for name, kind, *_ in db.execute("describe t").fetchall():
        if kind in ("FLOAT", "DOUBLE"):
            yield name, f'not isfinite("{name}")'
        elif kind in ("FLOAT[]", "DOUBLE[]"):
            yield name, f'len(list_filter("{name}", lambda x: not isfinite(x))) > 0'
        elif kind.startswith("STRUCT(") and kind.endswith("[]"):
            for field in [f.split()[0].strip('"') for f in kind[7:-3].split(", ") if f.endswith((" FLOAT", " DOUBLE"))]:
                yield f"{name}.{field}", f'len(list_filter("{name}", lambda x: not isfinite(x."{field}"))) > 0'


def polars_facts(files, key):
    """Returns (rows, repeated keys, columns with odd floats) as Polars sees them."""
    table = polars.scan_parquet(files).collect()
    repeated = table.height - table.select(key).unique().height
    return table.height, repeated, [c for c in table.columns if polars_odd(table[c])]


def polars_odd(column):
    """Reports whether any float in a column, however deep, is infinite or not a number."""
    if isinstance(column.dtype, polars.List):
        return polars_odd(column.explode())
    if isinstance(column.dtype, polars.Struct):
        return any(polars_odd(column.struct.field(f.name)) for f in column.dtype.fields)
    return column.dtype.is_float() and not column.drop_nulls().is_finite().all()


def pyarrow_facts(files, key):
    """Returns (rows, repeated keys, columns with odd floats) as PyArrow sees them."""
    table = pyarrow.concat_tables([pyarrow.parquet.read_table(f) for f in files])
    table.validate(full=True)
    repeated = table.num_rows - table.group_by(key).aggregate([]).num_rows
    return table.num_rows, repeated, [c for c in table.column_names if pyarrow_odd(table[c])]


def pyarrow_odd(column):
    """Reports whether any float in a column, however deep, is infinite or not a number."""
    if pyarrow.types.is_list(column.type):
        return pyarrow_odd(pyarrow.compute.list_flatten(column))
    if pyarrow.types.is_struct(column.type):
        return any(pyarrow_odd(pyarrow.compute.struct_field(column, f.name)) for f in column.type)
    if not pyarrow.types.is_floating(column.type):
        return False
    return pyarrow.compute.all(pyarrow.compute.is_finite(column.drop_null())).as_py() is False


def spark_reader():
    """Returns a function like the others that reads every column with Spark."""
    from pyspark.sql import SparkSession, functions

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.sql.session.timeZone", "UTC").config("spark.log.level", "ERROR").getOrCreate()

    def facts(files, key):
        table = spark.read.parquet(*files)
        table.write.format("noop").mode("overwrite").save()
        repeated = table.groupBy(*key).count().where(functions.col("count") > 1).count()
        return table.count(), repeated, []

    return facts


def problems(table, files, facts):
    """Returns what a reader finds wrong with a table, as text."""
    try:
        rows, repeated, odd = facts(files, table["key"])
    except Exception as e:  # whatever a reader throws is the finding
        return [f"{type(e).__name__}: {e}".splitlines()[0]]
    found = []
    if rows != table["rows"]:
        found.append(f"{rows} rows, the manifest says {table['rows']}")
    if repeated:
        found.append(f"{repeated} keys ({', '.join(table['key'])}) repeated")
    return found + [f"column {c} has floats that are not finite" for c in odd]


def check(lake, table, readers):
    """Checks one table with all readers, prints its line and returns the number of problems."""
    files = [str(lake / f["key"]) for f in table["files"]]
    if not files:
        found = {} if table["rows"] == 0 else {"manifest": [f"{table['rows']} rows but no file"]}
    else:
        found = {name: problems(table, files, facts) for name, facts in readers.items()}
    verdicts = [f"{name}: {'; '.join(p)}" if p else f"{name} ok" for name, p in found.items()]
    print(f"{table['name']:22} {table['rows']:>10,} rows {len(files):>4} files   " + "   ".join(verdicts), flush=True)
    return sum(map(len, found.values()))


def main():
    """Checks the current release; returns the exit code."""
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("lake", type=Path, help="directory of the lake")
    args.add_argument("--spark", action="store_true", help="read with PySpark too")
    options = args.parse_args()
    readers = {"duckdb": duckdb_facts, "polars": polars_facts, "pyarrow": pyarrow_facts}
    if options.spark:
        readers["spark"] = spark_reader()
    manifest = release(options.lake)
    wrong = sum(check(options.lake, table, readers) for table in manifest["tables"])
    print(f"run {manifest['run']}: {len(manifest['tables'])} tables, {wrong} problems")
    return 1 if wrong or not manifest["tables"] else 0


if __name__ == "__main__":
    sys.exit(main())
