"""Makes a night's tables as a user of Spark would, on two cores of one machine.

    python night_spark.py LANDING DATE HELDOUT OUT

LANDING is a landing zone, HELDOUT a file of playlist ids that are kept away from training. MLlib's ALS over playlists and
listeners makes the vectors of songs and the lists of listeners, numpy in Spark's Python workers the neighbours: MLlib's LSH
found fewer. Prints "done PART" after each part, and what ran at last. SPARK_MEMORY is the driver's memory.
"""

import os
import sys

import numpy as np
import pyarrow as pa
from pyspark.ml.feature import StringIndexer
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

LEAST = 5  # playlists of a song that others have as neighbour
DEPTH = 100  # neighbours and recommended songs
FACTORS = 64
BLOCK = 256  # rows of one product


def done(part):
    """Tells the end of a part."""
    print("done", part, flush=True)


def session():
    """Returns Spark in this process, with two threads."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = SparkSession.builder.master("local[2]").config("spark.driver.memory", os.environ.get("SPARK_MEMORY", "8g"))
    spark = spark.config("spark.sql.shuffle.partitions", 8).config("spark.ui.enabled", False).config("spark.ui.showConsoleProgress", False).config("spark.sql.session.timeZone", "UTC")
    spark = spark.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def clean(spark, landing, date, heldout):
    """Returns plays up to the date, how often playlists and listeners hold songs of playlists, all numbered, and the playlists of each song."""
    left_out = spark.read.csv(heldout).toDF("playlist_id")
    lists = spark.read.parquet(f"{landing}/playlists/date={date}").join(F.broadcast(left_out), "playlist_id", "left_anti")
    entries = lists.select(F.col("playlist_id").alias("owner"), F.explode("songs").alias("song_id")).distinct()
    counts = entries.groupBy("song_id").count().cache()
    plays = spark.read.parquet(f"{landing}/plays").where((F.col("date") <= date) & (F.col("kind") == "play"))
    heard = plays.where("not coalesce(skipped, false)").groupBy(F.col("user_id").alias("owner"), "song_id").agg(F.log1p(F.count("*")).alias("weight"))
    both = entries.withColumn("weight", F.lit(1.0)).unionByName(heard).join(F.broadcast(counts.select("song_id")), "song_id")
    numbers = StringIndexer(inputCols=["owner", "song_id"], outputCols=["row", "column"]).fit(both)
    held = numbers.transform(both).select("owner", "song_id", F.col("row").cast("int"), F.col("column").cast("int"), F.col("weight").cast("float"))
    return plays, held.cache(), counts


def neighbours(spark, vectors):
    """Returns the nearest frequent songs of each by cosine: products of blocks of rows with those, by numpy in Spark's Python workers."""
    rows = vectors.orderBy(F.desc("count")).collect()
    frequent = sum(r[2] >= LEAST for r in rows)
    column = np.array([r[0] for r in rows], np.int32)
    units = np.array([r[1] for r in rows], np.float32)
    units /= np.linalg.norm(units, axis=1, keepdims=True) + 1e-9
    shared = spark.sparkContext.broadcast((column, units))

    def nearest(batches):
        column, units = shared.value
        for start in (s for batch in batches for s in batch.column(0).to_pylist()):
            own = units[start : start + BLOCK]
            line = np.arange(len(own))[:, None]
            scores = own @ units[:frequent].T
            itself = np.arange(start, min(start + len(own), frequent))
            scores[itself - start, itself] = -2
            near = np.argpartition(scores, -DEPTH, axis=1)[:, -DEPTH:]
            near = near[line, np.argsort(-scores[line, near], axis=1)]
            ranks = np.tile(np.arange(1, DEPTH + 1, dtype=np.int32), len(own))
            columns = np.repeat(column[start : start + BLOCK], DEPTH), ranks, column[near].ravel(), scores[line, near].ravel()
            yield pa.RecordBatch.from_arrays([pa.array(c) for c in columns], names=["song", "rank", "neighbour", "score"])

    starts = spark.range(0, len(rows), BLOCK, numPartitions=8)
    return starts.mapInArrow(nearest, "song int, rank int, neighbour int, score float")


def first(rows, owner, *order):
    """Keeps the best rows of each owner."""
    return rows.withColumn("rank", F.row_number().over(Window.partitionBy(owner).orderBy(*order))).where(F.col("rank") <= DEPTH)


def aggregates(spark, landing, date, plays, out):
    """Counts plays by country, hour, device and mood, and ranks songs by country; returns the charts."""
    moods = spark.read.parquet(f"{landing}/songs/date={date}").select("song_id", F.explode_outer("moods").alias("mood"))
    local = F.col("started_at") + F.make_interval(mins=F.col("utc_offset_minutes"))
    cells = plays.join(moods, "song_id", "left").groupBy("country", F.dayofweek(local).isin(1, 7).alias("weekend"), F.hour(local).alias("hour"), "device", "mood")
    cells = cells.agg(F.count("*").alias("plays"), F.countDistinct("user_id").alias("listeners"), F.count_if("skipped").alias("skips"))
    cells.write.mode("overwrite").parquet(f"{out}/preferences")
    charts = plays.groupBy("country", "song_id").agg(F.countDistinct("user_id").alias("listeners"), F.count("*").alias("plays"))
    charts = first(charts, "country", F.desc("listeners"), F.desc("plays"), "song_id").cache()
    charts.write.mode("overwrite").parquet(f"{out}/charts")
    return charts


def write_lists(spark, landing, date, out, parts):
    """Writes the recommended songs of each listener without those heard: the chart of the country for those without plays."""
    model, held, charts = parts
    users = spark.read.parquet(f"{landing}/users/date={date}").select("user_id", "country")
    rows = held.select("row", "owner").distinct().join(users, F.col("owner") == F.col("user_id")).select("row", "user_id").cache()
    songs = held.select("column", "song_id").distinct()
    found = model.recommendForUserSubset(rows, DEPTH + 50).select("row", F.explode("recommendations").alias("r"))
    found = found.select("row", "r.column", F.col("r.rating").alias("score")).join(held, ["row", "column"], "left_anti")
    found = first(found, "row", F.desc("score")).join(F.broadcast(rows), "row").join(F.broadcast(songs), "column").select("user_id", "rank", "song_id", "score")
    others = users.join(rows, "user_id", "left_anti").join(F.broadcast(charts), "country").select("user_id", "rank", "song_id", F.col("listeners").cast("float").alias("score"))
    found.unionByName(others).write.mode("overwrite").parquet(f"{out}/user_recommendations")


def main(landing, date, heldout, out):
    """Makes the night."""
    spark = session()
    plays, held, counts = clean(spark, landing, date, heldout)
    held.count()
    done("clean")
    als = ALS(rank=FACTORS, maxIter=10, implicitPrefs=True, alpha=10.0, regParam=0.05, userCol="row", itemCol="column", ratingCol="weight", seed=1)
    model = als.fit(held)
    names = held.select("column", "song_id").distinct().cache()
    vectors = model.itemFactors.select(F.col("id").alias("column"), "features").cache()
    vectors.join(names, "column").select("song_id", F.col("features").alias("vector")).write.mode("overwrite").parquet(f"{out}/vectors")
    done("embed")
    near = neighbours(spark, vectors.join(names, "column").join(counts, "song_id").select("column", "features", "count"))
    near = near.join(F.broadcast(names.withColumnRenamed("column", "song")), "song")
    near = near.join(F.broadcast(names.select(F.col("column").alias("neighbour"), F.col("song_id").alias("neighbour_id"))), "neighbour")
    near.select("song_id", "rank", "neighbour_id", F.col("score").cast("float")).write.mode("overwrite").parquet(f"{out}/neighbours")
    done("neighbours")
    charts = aggregates(spark, landing, date, plays, out)
    done("aggregates")
    write_lists(spark, landing, date, out, (model, held, charts))
    done("lists")
    print(f"with Spark {spark.version}, ALS of {FACTORS} factors", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
