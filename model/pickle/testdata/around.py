"""Writes around/<name>/: files of what stands around a model, as real libraries write
it, and what the readers of package pickle must make of it.

Run once for each generation, each in a virtual environment of its own:

    python3.6  numpy==1.16.6 pandas==0.25.3 scipy==1.2.3  joblib==0.14.1                  -> pandas0.25
    python3.8  numpy==1.21.6 pandas==1.3.5  scipy==1.7.3  joblib==1.1.1                   -> pandas1.3
    python3.11 numpy==1.26.4 pandas==2.2.3  scipy==1.11.4 joblib==1.4.2                   -> pandas2.2
    python3.13 numpy==2.3.4  pandas==3.0.0  scipy==1.16.2 joblib==1.5.2 pyarrow==26.0.1   -> pandas3.0

    PYTHONHASHSEED=0 python around.py pandas3.0

Each file is a dict: "inert" is a list of things that must only be read; "strings" and
"floats" are lists of sequences, "sparse" of matrices. expected.json has the values of
the last three.
"""
import collections
import datetime
import decimal
import fractions
import functools
import json
import operator
import os
import pathlib
import pickle
import re
import sys
import uuid

import joblib
import numpy as np
import pandas as pd
import scipy.sparse as sp
import scipy.special
import scipy.stats


def inert():
    state = np.random.RandomState(7)
    state.normal(size=3)
    masked = np.ma.masked_array([1.5, 2.5, 3.5], mask=[False, True, False])
    texts = np.ma.masked_all(3, dtype=object)
    texts[0] = "rbf"
    record = np.zeros(2, dtype=[("a", "O"), ("b", "i8")])
    record["a"] = ["x", "y"]
    default = collections.defaultdict(int, {"a": 1})
    out = [
        state, np.random.mtrand._rand, masked, texts, np.ma.masked, record, np.rec.array([(1, 2.5)], dtype=[("i", "i4"), ("f", "f8")]),
        re.compile(r"(?u)\b\w\w+\b"), re.compile("a", re.I), re.compile(b"a"), {1, 2}, frozenset("ab"), slice(None, 3), default, collections.defaultdict(list),
        collections.OrderedDict([("a", 1)]), collections.Counter("aab"), collections.deque([1, 2], maxlen=5), collections.deque([3]),
        datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4, 5, 6), datetime.timedelta(1, 2), datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
        decimal.Decimal("1.5"), fractions.Fraction(1, 3), uuid.UUID(int=5), pathlib.Path("a/b"), pathlib.PurePosixPath("a"),
        functools.partial(np.log1p), functools.partial(np.clip, a_min=0), operator.itemgetter("a"), range(3), complex(1, 2), Ellipsis, NotImplemented,
        type(None), type(Ellipsis), int, float, str, bool, list, dict, tuple, set, object, bytes, complex,
        np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_, np.str_, np.object_, np.ndarray, np.dtype, np.number,
        np.log1p, np.log, np.exp, np.expm1, np.sqrt, np.square, np.abs, np.sin, np.cos, np.tan, np.reciprocal, np.negative, np.sign, np.log2, np.log10,
        np.cbrt, np.floor, np.ceil, np.rint, np.round, np.mean, np.median, np.nan_to_num, np.ravel, np.maximum, np.isnan, scipy.special.expit, scipy.special.logit,
        np.longdouble(0.1), np.arange(3, dtype=np.longdouble), np.array(["2020-01-02", "NaT"], dtype="M8[D]"), np.datetime64("2020-01-02"), np.timedelta64(3, "s"),
        np.array([1 + 2j]), np.matrix([[1, 2], [3, 4]]), np.array([b"a", b"bc"]), np.void(b"abc"), np.arange(6).reshape(2, 3).T, np.array(5), np.float16(0.5),
        scipy.stats.uniform(0, 2), scipy.stats.randint(1, 5), scipy.stats.loguniform(1e-3, 1) if hasattr(scipy.stats, "loguniform") else scipy.stats.reciprocal(1e-3, 1),
        sp.dia_matrix(np.eye(3)), sp.lil_matrix(np.eye(3)), sp.dok_matrix(np.eye(3)), sp.bsr_matrix(np.eye(4)), ValueError,
    ]
    if hasattr(np.random, "default_rng"):
        out += [np.random.default_rng(3), np.random.PCG64(1), np.random.Philox(1), np.random.SFC64(1), np.random.MT19937(1), np.random.SeedSequence(5)]
        out += [np.random.Generator(np.random.MT19937(2))]
    return out


def strings():
    frame = pd.DataFrame({"age": [1, 2], "sex": ["male", "female"]})
    out = [
        ["a", "b"], ("a", "b"), np.array(["a", "b"]), np.array(["a", "b"], dtype=object), np.array([b"a", b"b"]), pd.Index(["a", "b"]),
        pd.Index(["a", "b"], dtype=object), frame.columns, frame.sex, pd.Categorical(["b", "a", "b"]), pd.CategoricalIndex(["x", "y", "x"]),
        pd.Categorical(["b", "a"]).dtype.categories, pd.Series(["s", "t"]), pd.Series(["s", "t"], dtype="category"), [np.str_("n")], pd.Index([]).astype(str),
    ]
    if hasattr(pd, "StringDtype"):
        out += [pd.array(["a", "b"], dtype="string"), pd.Series(["p", "q"], dtype="string")]
    return out


def floats():
    return [
        [1, 2.5], (True, 2), np.arange(3), np.arange(3, dtype="f4"), pd.RangeIndex(3), pd.RangeIndex(1, 10, 4), pd.Index([1, 5]), pd.Index([1.5, 2.5]),
        pd.Index([1, 2], dtype="uint64"), pd.Series([1.5, 2]), pd.Series([3, 4], index=["a", "b"]), pd.DataFrame({"age": [1, 2], "x": [3, 4]}).x, [np.float64(1), np.int64(2)],
        pd.Categorical([3, 1, 3]), np.arange(3, dtype=np.longdouble), pd.RangeIndex(5, 0, -2),
    ]


def sparse():
    dense = np.array([[0, 1.5, 0, 2], [0, 0, 0, 0], [3, 0, 0, -4]])
    out = [sp.csr_matrix(dense), sp.csc_matrix(dense), sp.coo_matrix(dense), sp.csr_matrix(dense.astype("i4")), sp.csr_matrix((2, 3)), sp.csr_matrix(dense > 0)]
    if hasattr(sp, "csr_array"):
        out += [sp.csr_array(dense), sp.csc_array(dense), sp.coo_array(dense)]
    return out


def number(x):
    return float(x).hex()


def main(name):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "around", name)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    things = {"inert": inert(), "strings": strings(), "floats": floats(), "sparse": sparse()}
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        with open(os.path.join(folder, "protocol%d.pkl" % protocol), "wb") as f:
            pickle.dump(things, f, protocol)
    joblib.dump(things, os.path.join(folder, "plain.joblib"))
    text = lambda v: v.decode("latin-1") if isinstance(v, bytes) else str(v)
    expected = {
        "inert": len(things["inert"]),
        "strings": [[text(v) for v in s] for s in things["strings"]],
        "floats": [[number(v) for v in s] for s in things["floats"]],
        "sparse": [[[number(v) for v in row] for row in np.asarray(m.todense())] for m in things["sparse"]],
    }
    with open(os.path.join(folder, "expected.json"), "w") as f:
        json.dump(expected, f)


if __name__ == "__main__":
    main(sys.argv[1])
