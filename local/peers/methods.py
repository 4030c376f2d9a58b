"""Runs one method of another program on files and says what it cost and how good it was.

    python methods.py METHOD FOLDER ARGUMENT...

Prints a line of JSON: cpu and wall seconds, peak bytes of the process while it ran (its input included), a quality, and a
note that names the version and the kernels that ran. Reading files and starting the interpreter are not part of it.
"""

import json
import os
import resource
import sys
import time

import numpy as np
import threadpoolctl


def cpu():
    """Returns the CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak():
    """Returns the largest resident size since the last reset, in bytes."""
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM"))


def measured(run):
    """Returns what run returns, and what it cost."""
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")
    cpu0, wall0 = cpu(), time.monotonic()
    out = run()
    return out, {"cpu": cpu() - cpu0, "wall": time.monotonic() - wall0, "peak": peak()}


def kernels():
    """Names the BLAS libraries that are loaded, and the processor they take this one for."""
    pools = (p for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas")
    return "; ".join(sorted({f"{p['internal_api']} {p['version']} {p.get('architecture')}" for p in pools}))


def rows(folder, prefix=""):
    """Returns where each row of items.i32 starts, from start.i64, and the items."""
    return np.fromfile(f"{folder}/{prefix}start.i64", np.int64), np.fromfile(f"{folder}/{prefix}items.i32", np.int32)


def matrix(folder, kind, prefix=""):
    """Returns the rows × songs matrix of start.i64 and items.i32, of ones."""
    import scipy.sparse

    start, items = rows(folder, prefix)
    shape = len(start) - 1, int(items.max()) + 1
    return scipy.sparse.csr_matrix((np.ones(len(items), kind), items, start.astype(np.int32)), shape=shape)


def sgemm(folder, width):
    """Multiplies as an all-pairs search by products does; quality is GFLOP/s, the best of many."""
    rng = np.random.default_rng(1)
    n, d = 4096, int(width)
    a, b, out = rng.random((n, d), np.float32), rng.random((n, d), np.float32), np.empty((n, n), np.float32)
    np.dot(a, b.T, out=out)

    def run():
        best = float("inf")
        for _ in range(40):
            began = time.perf_counter()
            np.dot(a, b.T, out=out)
            best = min(best, time.perf_counter() - began)
        return best

    best, cost = measured(run)
    return cost | {"quality": 2 * n * n * d / best / 1e9, "note": f"numpy {np.__version__}, {kernels()}"}


def vectors(folder, dim):
    """Returns the rows of vectors.f32, and the exact lists of 1000 of them."""
    import faiss

    rows = np.fromfile(f"{folder}/vectors.f32", np.float32).reshape(-1, int(dim))
    flat = faiss.IndexFlatIP(rows.shape[1])
    flat.add(rows)
    sample = np.sort(np.random.default_rng(1).choice(len(rows), min(len(rows), 1000), replace=False))
    near = flat.search(rows[sample], 101)[1]
    return rows, sample, [set(row[row != i][:100]) for i, row in zip(sample, near)]


def recall(found, sample, truth):
    """Returns how much of the exact lists is found."""
    hits = [len(want & set(row[row != i][:100])) for i, row, want in zip(sample, found, truth)]
    return sum(hits) / sum(len(want) for want in truth)


def flat(folder, dim):
    """Finds the 100 nearest of every row with FAISS IndexFlatIP."""
    import faiss

    rows, sample, truth = vectors(folder, dim)

    def run():
        index = faiss.IndexFlatIP(rows.shape[1])
        index.add(rows)
        return index.search(rows, 101)[1]

    found, cost = measured(run)
    return cost | {"quality": recall(found[sample], sample, truth), "note": f"faiss {faiss.__version__}, {faiss.get_compile_options().strip()}"}


def ivf(folder, dim, lists, least):
    """Finds the 100 nearest of every row with FAISS IndexIVFFlat, with the fewest probes of enough recall, tried beforehand."""
    import faiss

    rows, sample, truth = vectors(folder, dim)
    lists, least = int(lists), float(least)

    def build():
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(rows.shape[1]), rows.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
        some = np.random.default_rng(2).choice(len(rows), min(len(rows), 64 * lists), replace=False)
        index.train(rows[np.sort(some)])
        index.add(rows)
        return index

    index, probes = build(), 0
    for probes in (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256):
        index.nprobe = probes
        if recall(index.search(rows[sample], 101)[1], sample, truth) >= least:
            break
    del index

    def run():
        index = build()
        index.nprobe = probes
        return index.search(rows, 101)[1]

    found, cost = measured(run)
    return cost | {"quality": recall(found[sample], sample, truth), "note": f"{lists} lists, {probes} probed"}


def svd(folder, dim, oversample, passes):
    """Decomposes the weighted matrix with scikit-learn; quality is the share of its squared norm in the first dimensions."""
    import sklearn
    from sklearn.utils.extmath import randomized_svd

    x = matrix(folder, np.float32)
    row, col = np.fromfile(f"{folder}/row.f32", np.float32), np.fromfile(f"{folder}/col.f32", np.float32)
    x.data = np.repeat(row, np.diff(x.indptr)) * col[x.indices]
    whole = float(np.sum(x.data.astype(np.float64) ** 2))
    (_, values, _), cost = measured(
        lambda: randomized_svd(x, int(dim), n_oversamples=int(oversample), n_iter=int(passes), random_state=0)
    )
    return cost | {"quality": float(np.sum(values.astype(np.float64) ** 2)) / whole, "note": f"scikit-learn {sklearn.__version__}, {kernels()}"}


def cooc(folder, depth):
    """Finds the songs that share most playlists with each, by cosine, with implicit; quality is the mean sum of a list but itself."""
    import implicit
    from implicit.nearest_neighbours import CosineRecommender

    x = matrix(folder, np.float64)
    model = CosineRecommender(K=int(depth) + 1, num_threads=1)
    _, cost = measured(lambda: model.fit(x, show_progress=False))
    return cost | {"quality": float(model.similarity.sum()) / x.shape[1] - 1, "note": f"implicit {implicit.__version__}"}


def sgns(folder, dim, epochs, least, workers):
    """Trains skip-grams with gensim from a file and leaves both matrices as in.f32 and out.f32, song i in row i."""
    import gensim
    from gensim.models import Word2Vec

    model = Word2Vec(
        vector_size=int(dim), window=10, min_count=int(least), sg=1, negative=5, workers=int(workers), ns_exponent=0.5, sample=0, alpha=0.05, seed=1
    )
    path = f"{folder}/playlists.txt"
    model.build_vocab(corpus_file=path)
    words = sum(model.wv.get_vecattr(w, "count") for w in model.wv.index_to_key)
    train = lambda: model.train(corpus_file=path, total_words=words, total_examples=model.corpus_count, epochs=int(epochs))
    _, cost = measured(train)
    songs = 1 + max(int(w) for w in model.wv.index_to_key)
    for name, rows in (("in", model.wv.vectors), ("out", model.syn1neg)):
        by_song = np.zeros((songs, int(dim)), np.float32)
        by_song[[int(w) for w in model.wv.index_to_key]] = rows
        by_song.tofile(f"{folder}/{name}.f32")
    return cost | {"quality": 0.0, "note": f"gensim {gensim.__version__}, {workers} workers"}


def als(folder, factors, rounds):
    """Recommends 100 songs to the listeners, the first rows, with factors of implicit's ALS; quality is nDCG@100 of the hidden songs."""
    import implicit
    from implicit.als import AlternatingLeastSquares

    x = matrix(folder, np.float32, "rows.")
    hidden_start, hidden = rows(folder, "hidden.")
    listeners = len(hidden_start) - 1
    model = AlternatingLeastSquares(factors=int(factors), regularization=0.05, alpha=2.0, iterations=int(rounds), num_threads=1, random_state=1)
    model.fit(x, show_progress=False)
    own = x[:listeners]

    def run():
        parts = [np.arange(i, min(i + 1000, listeners)) for i in range(0, listeners, 1000)]
        return np.concatenate([model.recommend(part, own[part], N=100, filter_already_liked_items=True)[0] for part in parts])

    lists, cost = measured(run)
    gain = 1 / np.log2(np.arange(2, 102))
    ndcg = 0.0
    for i in range(listeners):
        want = hidden[hidden_start[i] : hidden_start[i + 1]]
        ndcg += gain[np.isin(lists[i], want)].sum() / gain[: len(want)].sum()
    return cost | {"quality": ndcg / listeners, "note": f"implicit {implicit.__version__}, {factors} factors, {rounds} rounds, {kernels()}"}


if __name__ == "__main__":
    METHODS = {f.__name__: f for f in (sgemm, flat, ivf, svd, cooc, sgns, als)}
    print(json.dumps(METHODS[sys.argv[1]](*sys.argv[2:])), flush=True)
    os._exit(0)
