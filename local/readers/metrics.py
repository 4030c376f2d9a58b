"""Measures rankings with programs that share no code with Segue, and compares with what Segue measured.

    python metrics.py CASES.json

CASES.json holds cases (ranked and hidden songs, seeds), what is known of songs (playlists, artist, vector) and the measures
Segue took, by name. ranx measures nDCG, recall, R-precision and reciprocal rank; the others are written here after their
definitions, with NumPy. Prints one line a measure: its mean and the largest difference over all cases; the exit code is 1
when one differs by more than 1e-9.
"""

import json
import sys

import numpy
import ranx

TOLERANCE = 1e-9
RANX = {"ndcg@100": "ndcg@100", "recall@10": "recall@10", "recall@100": "recall@100", "r_precision": "r-precision", "mrr": "mrr"}


def by_ranx(cases):
    """Returns the measures ranx knows, each case by case."""
    names = [f"q{i:06}" for i in range(len(cases))]
    truth = ranx.Qrels({q: {str(s): 1 for s in c["hidden"]} for q, c in zip(names, cases)})
    ranked = ranx.Run({q: {str(s): float(len(c["ranked"]) - r) for r, s in enumerate(c["ranked"])} for q, c in zip(names, cases)})
    ranx.evaluate(truth, ranked, list(RANX.values()))
    return {ours: numpy.array([ranked.scores[theirs][q] for q in names]) for ours, theirs in RANX.items()}


def clicks(case, _):
    """Pages of ten songs before the first hidden one; 51 when 500 songs hold none."""
    hits = numpy.flatnonzero(numpy.isin(case["ranked"][:500], case["hidden"]))
    return hits[0] // 10 if hits.size else 51


def artist_credit(case, songs):
    """R-precision where a miss by an artist of a hidden song earns a quarter, once an artist."""
    open_artists = {songs["artist"][s] for s in case["hidden"]} - {-1}
    total = 0
    for s in case["ranked"][: len(case["hidden"])]:
        if s in case["hidden"]:
            total += 1
        elif songs["artist"][s] in open_artists:
            open_artists.remove(songs["artist"][s])
            total += 0.25
    return total / len(case["hidden"])


def novelty(case, songs):
    """Mean self-information of the first 100, in bits."""
    n = numpy.maximum(songs["playlists"][case["ranked"][:100]], 1)
    return numpy.mean(-numpy.log2(n / songs["all_playlists"]))


def lift(case, songs):
    """Mean popularity of the first 100 over that of the seeds, minus one; 0 for seeds in no playlist."""
    base = songs["playlists"][case["seeds"]].mean()
    return songs["playlists"][case["ranked"][:100]].mean() / base - 1 if base else 0


def entropy(case, songs):
    """Shannon entropy of the known artists of the first 100, in bits."""
    artists = songs["artist"][case["ranked"][:100]]
    counts = numpy.unique(artists[artists >= 0], return_counts=True)[1]
    return float(-(counts / counts.sum() * numpy.log2(counts / counts.sum())).sum())


def distance(case, songs):
    """Mean of 1 - cosine over all pairs of the first 100 that have a vector."""
    vectors = songs["vectors"][case["ranked"][:100]]
    vectors = vectors[numpy.linalg.norm(vectors, axis=1) > 0]
    pairs = numpy.triu_indices(len(vectors), 1)
    return 1 - (vectors @ vectors.T)[pairs].mean()


OWN = {
    "clicks": clicks, "r_precision_artist": artist_credit, "novelty@100": novelty, "popularity_lift@100": lift,
    "artist_entropy@100": entropy, "distance@100": distance,
}  # fmt: skip


def exposure(cases, songs):
    """Returns coverage and the Gini coefficient of the first 100 of all cases, the latter as half the mean difference."""
    shown = numpy.zeros(len(songs["artist"]))
    for c in cases:
        shown[c["ranked"][:100]] += 1
    gini = numpy.abs(shown[:, None] - shown[None, :]).mean() / (2 * shown.mean())
    return {"coverage@100": numpy.array([(shown > 0).mean()]), "gini@100": numpy.array([gini])}


def main():
    """Compares all measures; returns the exit code."""
    with open(sys.argv[1]) as f:
        data = json.load(f)
    cases, songs = data["cases"], data["songs"]
    for name, kind in {"playlists": "f8", "artist": "i8", "vectors": "f4"}.items():
        songs[name] = numpy.array(songs[name], dtype=kind)
    songs["vectors"] = songs["vectors"].astype("f8")
    measured = by_ranx(cases) | {name: numpy.array([f(c, songs) for c in cases]) for name, f in OWN.items()} | exposure(cases, songs)
    if measured.keys() != data["measured"].keys():
        raise SystemExit(f"measured here: {sorted(measured)}; by segue: {sorted(data['measured'])}")
    wrong = 0
    for name, values in sorted(measured.items()):
        ours = numpy.array(data["measured"][name])
        far = numpy.abs(values - ours).max()
        wrong += not far <= TOLERANCE
        print(f"{name:22} mean {ours.mean():10.6f}   largest difference {far:.1e}   {'ok' if far <= TOLERANCE else 'DIFFERS'}")
    print(f"{len(cases)} cases, {len(measured)} measures, {wrong} differ by more than {TOLERANCE:g}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
