"""KNN and Mahalanobis by scikit-learn, faiss and numpy. Usage: sklearn_peer.py LIBRARY THREADS"""
import sys

import numpy as np

sys.path.insert(0, sys.argv[3])
from protocol import serve  # noqa: E402

LIBRARY, THREADS = sys.argv[1], int(sys.argv[2])


def load(case, name, columns):
    return np.fromfile(f"{case['folder']}/{name}.f32", np.float32).reshape(-1, columns)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def knn(case, bank, queries, k):
    if LIBRARY == "faiss":
        import faiss

        faiss.omp_set_num_threads(THREADS)
        index = faiss.IndexFlatL2(case["units"])
        index.add(np.ascontiguousarray(unit(bank)))
        # As our step, with the queries' normalisation.
        return lambda: -np.sqrt(index.search(np.ascontiguousarray(unit(queries)), k)[0][:, -1])
    from sklearn.neighbors import NearestNeighbors

    model = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(unit(bank))
    return lambda: -model.kneighbors(unit(queries))[0][:, -1]


def fit(bank, labels):
    """Class means, and the precision of the tied covariance, as OpenOOD computes them."""
    means = np.stack([bank[labels == c].mean(0) for c in range(labels.max() + 1)])
    if LIBRARY == "numpy":
        centred = bank - means[labels]
        return means, np.linalg.pinv(centred.T @ centred / len(bank), hermitian=True)
    from sklearn.covariance import EmpiricalCovariance

    return means, EmpiricalCovariance(assume_centered=True).fit(bank - means[labels])


def distances(queries, means, model):
    if LIBRARY == "numpy":
        centred = (queries - m for m in means)
        return -np.min([np.einsum("ij,ij->i", c @ model, c) for c in centred], 0)
    # With a centre of 0, `mahalanobis` is the squared distance of the rows themselves.
    return -np.min([model.mahalanobis(queries - m) for m in means], 0)


def prepare(case):
    bank, queries = load(case, "bank", case["units"]), load(case, "queries", case["units"])
    if case["what"] == "knn":
        step = knn(case, bank, queries, case["k"])
    else:
        labels = np.arange(len(bank)) % case["classes"]
        if case["what"] == "mahalanobis fit":
            return lambda: fit(bank, labels)
        means, model = fit(bank, labels)
        step = lambda: distances(queries, means, model)  # noqa: E731
    np.asarray(step(), np.float64)[:1000].tofile(case["check"])
    return step


if LIBRARY == "faiss":
    import faiss

    VERSION = f"faiss-cpu {faiss.__version__}"
elif LIBRARY == "numpy":
    VERSION = f"numpy {np.__version__}"
else:
    import sklearn

    VERSION = f"scikit-learn {sklearn.__version__}"
serve(VERSION, prepare)
