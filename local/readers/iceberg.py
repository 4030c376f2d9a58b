"""Reads Iceberg tables that segue export iceberg made, with PyIceberg, beside the Parquet files of the manifests.

    python iceberg.py LAKE RUN...

LAKE is a directory with iceberg/catalog.db; RUNs were exported in this order. Every table of every run must come back from
the snapshot of its run with equal rows, from exactly the files of the manifest; a filter on the first sort column must find
what PyArrow finds. Prints one line a run; the exit code is 1 when anything is wrong.
"""

import json
import sys
from pathlib import Path

import pyarrow
import pyarrow.compute
import pyarrow.parquet
from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import EqualTo


def comparable(table):
    """Returns rows as sorted JSON, which knows no names of list elements."""
    return sorted(json.dumps(r, default=str, sort_keys=True) for r in table.to_pylist())


def faults(lake, catalog, run, spec):
    """Yields what differs between a table of a run and the snapshot of its run."""
    files = [str(lake / f["key"]) for f in spec["files"]]
    want = pyarrow.parquet.read_table(files)
    table = catalog.load_table(("segue", spec["name"]))
    snapshots = [s for s in table.metadata.snapshots if s.summary.additional_properties.get("segue.run") == run]
    if len(snapshots) != 1:
        yield f"{len(snapshots)} snapshots"
        return
    scan = table.scan(snapshot_id=snapshots[0].snapshot_id)
    if want.num_rows == 0:  # PyIceberg plans no file without rows
        if scan.to_arrow().num_rows:
            yield "rows of an empty table"
        return
    got_files = sorted(task.file.file_path.removeprefix("file://") for task in scan.plan_files())
    if got_files != sorted(files):
        yield f"files {got_files}, not {files}"
    if comparable(scan.to_arrow().select(want.column_names)) != comparable(want):
        yield "other rows"
    first = spec["order"][0]
    value = want[first][want.num_rows // 2].as_py()
    some = table.scan(row_filter=EqualTo(first, value), snapshot_id=snapshots[0].snapshot_id).to_arrow().num_rows
    if some != pyarrow.compute.sum(pyarrow.compute.equal(want[first], value)).as_py():
        yield f"{some} rows where {first} = {value}"


def main():
    lake, runs = Path(sys.argv[1]).resolve(), sys.argv[2:]
    catalog = load_catalog("segue", type="sql", uri=f"sqlite:///{lake}/iceberg/catalog.db")
    bad = 0
    for run in runs:
        manifest = json.loads((lake / "runs" / run / "manifest.json").read_text())
        specs = [t for t in manifest["tables"] if t["files"]]
        for spec in specs:
            for fault in faults(lake, catalog, run, spec):
                print(f"{run} {spec['name']}: {fault}")
                bad += 1
        print(f"{run}: {len(specs)} tables, {sum(t['rows'] for t in specs)} rows read by PyIceberg")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
