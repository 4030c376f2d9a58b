"""A night a day: wait for inputs by retrying exit code 4, stop at a failed quality rule, then collect garbage."""

import subprocess
from datetime import datetime, timedelta

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

NOT_READY, RETRY_NEVER = 4, {2, 3, 5}


def segue(*args: str) -> None:
    code = subprocess.run(["segue", *args], check=False).returncode
    if code in RETRY_NEVER:
        raise AirflowFailException(f"segue {args[0]} ended with {code}: trying again changes nothing")
    if code != 0:
        raise RuntimeError(f"segue {args[0]} ended with {code}" + (": inputs are not ready" if code == NOT_READY else ""))


with DAG(
    dag_id="segue_nightly",
    schedule="15 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 6, "retry_delay": timedelta(minutes=30), "execution_timeout": timedelta(hours=20)},
) as dag:
    night = PythonOperator(
        task_id="night", python_callable=segue, op_args=["nightly", "--date", "{{ ds }}", "--resume", "--progress", "plain"]
    )
    collect = PythonOperator(task_id="collect", python_callable=segue, op_args=["gc", "--yes"])
    night >> collect
