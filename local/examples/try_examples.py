"""Run a night as the Airflow DAG or the Dagster asset beside this file would, without their services.

usage: try_examples.py airflow|dagster DAY    with SEGUE_LAKE set and segue on the path
"""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))


def failing(folder: str, code: int) -> None:
    """Puts a segue on the path that ends with code."""
    fake = pathlib.Path(folder) / "segue"
    fake.write_text(f"#!/bin/sh\nexit {code}\n")
    fake.chmod(0o755)


def airflow(day: str, folder: str) -> None:
    os.environ["AIRFLOW_HOME"] = folder
    import airflow_segue
    from airflow.sdk.exceptions import AirflowFailException

    night, collect = (airflow_segue.dag.get_task(name) for name in ("night", "collect"))
    assert night.downstream_task_ids == {"collect"}
    night.op_args = [arg.replace("{{ ds }}", day) for arg in night.op_args]
    night.execute({})
    collect.execute({})
    for code, error in {1: RuntimeError, 3: AirflowFailException, 4: RuntimeError}.items():
        failing(folder, code)
        try:
            night.execute({})
            sys.exit(f"exit code {code} did not fail the task")
        except (RuntimeError, AirflowFailException) as e:
            assert type(e) is error, f"exit code {code} raised {e!r}"


def dagster(day: str, folder: str) -> None:
    import dagster_segue
    from dagster import Failure, build_asset_context, materialize

    result = materialize([dagster_segue.night], partition_key=day)
    rows = {e.asset_key.path[-1]: e.materialization.metadata["rows"].value for e in result.get_asset_materialization_events()}
    assert sorted(rows) == sorted(dagster_segue.TABLES) and all(rows.values()), rows
    for code, again in {1: True, 3: False, 4: True}.items():
        failing(folder, code)
        try:
            list(dagster_segue.night(build_asset_context(partition_key=day)))
            sys.exit(f"exit code {code} did not fail the asset")
        except Failure as e:
            assert e.allow_retries == again, f"exit code {code}: retries {e.allow_retries}"


if __name__ == "__main__":
    which, date = sys.argv[1:]
    with tempfile.TemporaryDirectory() as first_on_path:
        os.environ["PATH"] = first_on_path + os.pathsep + os.environ["PATH"]
        {"airflow": airflow, "dagster": dagster}[which](date, first_on_path)
    print(f"{which}: the night of {date} ran; exit codes fail and retry as they should")
