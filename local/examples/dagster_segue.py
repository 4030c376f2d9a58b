"""An asset a published table, partitioned by day: one night makes them all, its manifest gives rows and bytes."""

import json
import subprocess

from dagster import AssetExecutionContext, AssetOut, DailyPartitionsDefinition, Definitions, Failure, Output, RetryPolicy, multi_asset

RETRY_NEVER = {2, 3, 5}
TABLES = ["songs", "song_vectors", "song_neighbours", "preferences_by_hour", "charts", "user_profiles", "user_recommendations"]


@multi_asset(
    outs={table: AssetOut(group_name="segue") for table in TABLES},
    partitions_def=DailyPartitionsDefinition(start_date="2026-01-01"),
    retry_policy=RetryPolicy(max_retries=6, delay=1800),
)
def night(context: AssetExecutionContext):
    code = subprocess.run(["segue", "nightly", "--date", context.partition_key, "--resume", "--progress", "plain"], check=False).returncode
    if code != 0:
        raise Failure(f"segue nightly ended with {code}", allow_retries=code not in RETRY_NEVER)
    listed = subprocess.run(["segue", "inspect", "tables", "--format", "json"], check=True, capture_output=True, text=True)
    by_name = {row["table"]: row for row in json.loads(listed.stdout)}
    for table in TABLES:
        row = by_name[table]
        yield Output(None, output_name=table, metadata={"rows": row["rows"], "bytes": row["bytes"]})


defs = Definitions(assets=[night])
