"""Makes a night's tables as an experienced user of Python would on one machine.

    python night_python.py LANDING DATE HELDOUT OUT

LANDING is a landing zone, HELDOUT a file of playlist ids that are kept away from training. Polars reads, counts and writes,
scikit-learn decomposes, FAISS finds the nearest songs, implicit those that share playlists and the lists of listeners. Prints
"done PART" after each part, and what ran at last.
"""

import sys
from importlib.metadata import version

import faiss
import numpy as np
import polars as pl
import scipy.sparse as sp
from implicit.nearest_neighbours import CosineRecommender
from sklearn.utils.extmath import randomized_svd

LEAST = 5  # playlists of a song that the others are trained on and have as neighbour
DEPTH = 100  # neighbours and recommended songs
FLAT = 20_000  # rows up to which an exact search is as fast


def done(part):
    """Tells the end of a part."""
    print("done", part, flush=True)


def snapshot(landing, kind, date):
    """Scans the newest snapshot of a kind up to a date."""
    return pl.scan_parquet(f"{landing}/{kind}/date={date}/*.parquet", hive_partitioning=False)


def matrix(landing, date, heldout):
    """Returns playlists × songs, most frequent first, and the names of the columns."""
    songs = snapshot(landing, "songs", date).select("song_id").with_row_index("song")
    left_out = pl.scan_csv(heldout, has_header=False, new_columns=["playlist_id"])
    lists = snapshot(landing, "playlists", date).join(left_out, on="playlist_id", how="anti")
    entries = lists.select("songs").with_row_index("list").explode("songs").join(songs, left_on="songs", right_on="song_id")
    entries = entries.select("list", "song").unique().collect(engine="streaming")
    row, col = entries["list"].to_numpy(), entries["song"].to_numpy()
    count = np.bincount(col)
    order = np.argsort(-count, kind="stable")[: np.count_nonzero(count)]
    column = np.empty(len(count), np.int32)
    column[order] = np.arange(len(order))
    shape = int(row.max()) + 1, len(order)
    return sp.csr_matrix((np.ones(len(row), np.float32), (row, column[col])), shape), songs.collect()["song_id"].gather(order)


def embed(x, count, frequent):
    """Returns unit vectors of the columns: the frequent ones, which stand first, are decomposed, the others folded in."""
    length = np.asarray(x.sum(1)).ravel()
    weighted = (sp.diags(np.maximum(length, 1) ** -0.25) @ x @ sp.diags((count + 10) ** -0.5)).astype(np.float32).tocsc()
    left, values, right = randomized_svd(weighted[:, :frequent].tocsr(), 128, n_iter=4, n_oversamples=32, random_state=1)
    vectors = np.concatenate([right.T, weighted[:, frequent:].T @ left / values]) * values**0.75
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    return np.ascontiguousarray(vectors, np.float32)


def nearest(vectors, scale):
    """Returns the scores and numbers of the nearest of the first rows, which have a scale, of each: by cosine times that."""
    base, dim = np.ascontiguousarray(vectors[: len(scale)] * scale[:, None]), vectors.shape[1]
    if len(base) <= FLAT:
        index = faiss.IndexFlatIP(dim)
    else:
        cells = 4 * int(len(base) ** 0.5)
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dim), dim, cells, faiss.METRIC_INNER_PRODUCT)
        index.train(base[np.random.default_rng(1).permutation(len(base))[: 40 * cells]])
        index.nprobe = 32
    index.add(base)
    scores, near = index.search(vectors, DEPTH + 1)
    others = near != np.arange(len(near))[:, None]
    others[others.all(1), -1] = False
    return scores[others].reshape(-1, DEPTH), near[others].reshape(-1, DEPTH)


def aggregates(landing, date, out):
    """Counts plays by country, hour, device and mood, and ranks songs by country; returns plays and charts."""
    plays = pl.scan_parquet(f"{landing}/plays/*/*.parquet", hive_partitioning=True, hive_schema={"date": pl.String})
    plays = plays.filter((pl.col("date") <= date) & (pl.col("kind") == "play")).collect()
    moods = snapshot(landing, "songs", date).select("song_id", "moods").collect()
    local = pl.col("started_at") + pl.duration(minutes="utc_offset_minutes")
    heard = plays.join(moods, on="song_id", how="left").with_columns(hour=local.dt.hour(), weekend=local.dt.weekday() > 5)
    cells = heard.explode("moods").group_by("country", "weekend", "hour", "device", mood="moods")
    cells = cells.agg(plays=pl.len(), listeners=pl.col("user_id").n_unique(), skips=pl.col("skipped").sum())
    cells.write_parquet(f"{out}/preferences/part.parquet", mkdir=True)
    charts = plays.group_by("country", "song_id").agg(listeners=pl.col("user_id").n_unique(), plays=pl.len())
    charts = charts.sort("country", "listeners", "plays", "song_id", descending=[False, True, True, False])
    charts = charts.group_by("country", maintain_order=True).head(DEPTH)
    charts = charts.with_columns(rank=pl.int_range(1, pl.len() + 1).over("country"))
    charts.write_parquet(f"{out}/charts/part.parquet", mkdir=True)
    return plays, charts


def recommend(model, plays, names):
    """Returns the listeners with plays of known songs, and the numbers and scores of the songs for each."""
    column = pl.DataFrame({"song_id": names, "song": np.arange(len(names), dtype=np.int32)})
    heard = plays.filter(~pl.col("skipped").fill_null(False)).join(column, on="song_id").group_by("user_id", "song").len()
    users = heard["user_id"].unique().sort()
    row = heard.join(pl.DataFrame({"user_id": users}).with_row_index("row"), on="user_id", maintain_order="left")["row"]
    shape = len(users), len(names)
    known = sp.csr_matrix((np.log1p(heard["len"].to_numpy()), (row.to_numpy(), heard["song"].to_numpy())), shape)
    return users, *model.recommend(np.arange(len(users)), known, N=DEPTH, filter_already_liked_items=True)


def ranked(owner, owners, names, songs, scores, column):
    """Returns ranked lists as rows: an owner for each line of numbers of songs, below 0 for none."""
    depth = songs.shape[1]
    frame = pl.DataFrame({
        owner: np.repeat(np.arange(len(owners), dtype=np.uint32), depth),
        "rank": np.tile(np.arange(1, depth + 1, dtype=np.int32), len(songs)),
        column: songs.ravel(),
        "score": scores.ravel().astype(np.float32),
    }).filter(pl.col(column) >= 0)
    return frame.with_columns(owners.gather(frame[owner]).alias(owner), names.gather(frame[column]).alias(column))


def write_lists(landing, date, out, names, lists, charts):
    """Writes the recommended songs of each listener: the chart of the country for those without plays."""
    users, songs, scores = lists
    frame = ranked("user_id", users, names, songs, scores, "song_id")
    people = snapshot(landing, "users", date).select("user_id", "country").collect().filter(~pl.col("user_id").is_in(users.implode()))
    others = people.join(charts, on="country").select("user_id", pl.col("rank").cast(pl.Int32), "song_id", score=pl.col("listeners").cast(pl.Float32))
    pl.concat([frame, others]).write_parquet(f"{out}/user_recommendations/part.parquet", mkdir=True)


def main(landing, date, heldout, out):
    """Makes the night."""
    x, names = matrix(landing, date, heldout)
    count = np.asarray(x.sum(0)).ravel()
    frequent = np.count_nonzero(count >= LEAST)
    done("clean")
    vectors = embed(x, count, frequent)
    done("embed")
    scores, near = nearest(vectors, count[:frequent] ** 0.2)
    done("neighbours")
    model = CosineRecommender(K=200)
    model.fit(x, show_progress=False)
    done("co-occurrence")
    plays, charts = aggregates(landing, date, out)
    done("aggregates")
    lists = recommend(model, plays, names)
    done("lists")
    write_lists(landing, date, out, names, lists, charts)
    del lists
    ranked("song_id", names, names, near, scores, "neighbour_id").write_parquet(f"{out}/neighbours/part.parquet", mkdir=True)
    del near, scores
    shared = model.similarity.tocoo()
    pl.DataFrame({"song_id": names.gather(shared.row), "neighbour_id": names.gather(shared.col), "score": shared.data.astype(np.float32)}).write_parquet(f"{out}/cooccurrence/part.parquet", mkdir=True)
    pl.DataFrame({"song_id": names, "vector": vectors}).write_parquet(f"{out}/vectors/part.parquet", mkdir=True)
    done("write")
    print("with", ", ".join(f"{p} {version(p)}" for p in ("polars", "scikit-learn", "faiss-cpu", "implicit")), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
