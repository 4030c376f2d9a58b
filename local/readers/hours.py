"""Counts plays by weekpart, local hour and class with one plain DuckDB query: what preferences_by_hour is compared with.

    python hours.py EVENTS.csv CLASSES.csv OFFSETS.csv

EVENTS has columns user, track and ts (Unix seconds); CLASSES has track and class; OFFSETS has user and the minutes its
clock is ahead of UTC, without a row for users whose clock is not known. An event that repeats counts once. Prints tab-separated lines:
weekpart, hour, class, plays, listeners, share of the class among the plays of that weekpart and hour; weekpart and hour are
empty for the counts over all plays.
"""

import sys

import duckdb

# Nothing about the files is guessed: what a sample of lines looks like must not decide how they are read.
CSV = "delim = ',', quote = '\"', escape = '\"', auto_detect = false"

QUERY = """
with plays as (
    select distinct e."user" as listener, e.track, e.ts, c.class, o.minutes * 60 + e.ts as local
    from read_csv(?, header = true, columns = {'user': 'varchar', 'track': 'varchar', 'ts': 'bigint'}, {csv}) e
    join read_csv(?, header = true, columns = {'track': 'varchar', 'class': 'varchar'}, {csv}) c on c.track = e.track
    left join read_csv(?, header = true, columns = {'user': 'varchar', 'minutes': 'bigint'}, {csv}) o on o."user" = e."user"
), placed as (
    select *, case when floor(local / 86400)::bigint % 7 in (2, 3) then 'weekend' else 'weekday' end as weekpart,
        (floor(local / 3600)::bigint % 24) as hour
    from plays
)
select weekpart, hour, class, count(*) as plays, count(distinct listener) as listeners,
    count(*) / sum(count(*)) over (partition by weekpart, hour) as share
from placed where local is not null group by weekpart, hour, class
union all
select null, null, class, count(*), count(distinct listener), count(*) / sum(count(*)) over () from placed group by class
order by all
""".replace("{csv}", CSV)


def main():
    """Runs the query on the files named on the command line."""
    for row in duckdb.execute(QUERY, sys.argv[1:4]).fetchall():
        print("\t".join("" if v is None else str(v) for v in row))


if __name__ == "__main__":
    main()
