# -*- coding: utf-8 -*-
"""Writes the fixtures of package pickle: files of arrays and plain values, and what
they hold as JSON.

Run once for each generation, each in a virtual environment of its own:

    python2.7  numpy==1.16.6 joblib==0.14.1            -> numpy1.16-py2/
    python3.6  numpy==1.19.5 joblib==1.1.1  lz4==3.1.10 -> numpy1.19/
    python3.11 numpy==2.3.4  joblib==1.5.2  lz4==4.4.4  -> numpy2.3/

    # PYTHONHASHSEED=0 keeps the order of sets
    python -m venv /tmp/v && /tmp/v/bin/pip install numpy==2.3.4 joblib==1.5.2 lz4==4.4.4
    PYTHONHASHSEED=0 /tmp/v/bin/python make.py numpy2.3

Every folder has an expected.json for all its files: the same values in each
protocol by pickle.dump and joblib.dump, and in each compression of joblib.
"""
import collections
import json
import os
import pickle
import sys

import joblib
import numpy as np

PY2 = sys.version_info[0] == 2
if not PY2:
    unicode, long = str, int


def arrays():
    out = []
    for code in ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]:
        for order in ["<", ">"]:
            a = (np.arange(6) * 37 % 101).astype(order + code)
            out.append(a)
            out.append(np.asfortranarray(a.reshape(2, 3)))
    out.append(np.array([-1, -128, 127], dtype="i1"))
    out.append(np.array([-(2 ** 63), 2 ** 63 - 1], dtype="i8"))
    out.append(np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7e308]))
    out.append(np.array([np.nan, np.inf, -0.0, 6e-8, 65504, 1e-5], dtype="f2"))
    out.append(np.arange(24.0).reshape(2, 3, 4))
    out.append(np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)))
    out.append(np.arange(24, dtype="i4").reshape(2, 3, 4).transpose(1, 0, 2))
    out.append(np.arange(10)[::3])
    out.append(np.array(7.5))
    out.append(np.zeros((0,)))
    out.append(np.zeros((3, 0, 2), dtype="i4"))
    out.append(np.array([u"a", u"\u00e4\u20ac", u"", u"\U0001f600x"], dtype="<U3"))
    out.append(np.array([u"a", u"\u00e4\u20ac", u""], dtype=">U3"))
    out.append(np.array([[b"a", b"\xe4\xff"], [b"", b"abc"]], dtype="S3", order="F"))
    out.append(np.array([u"normal", u"attack", u"\u00e4"], dtype=object))
    out.append(np.array([[1, None], [2.5, (u"x", True)]], dtype=object))
    out.append(np.asfortranarray(np.array([[1, 2, 3], [4, 5, 6]], dtype=object)))
    out.append(np.array([], dtype=object))
    inner = np.empty(2, dtype=object)
    inner[0] = np.arange(3.0)
    inner[1] = np.array([u"deep"], dtype=object)
    out.append(inner)
    packed = np.dtype([("left", "<i8"), ("threshold", "<f8"), ("flag", "u1")])
    nodes = np.zeros(3, dtype=packed)
    nodes["left"], nodes["threshold"], nodes["flag"] = [1, -1, -1], [0.5, -2, -2], [1, 0, 255]
    out.append(nodes)
    padded = np.dtype([("flag", "u1"), ("left", ">i4"), ("name", "U2")], align=True)
    nodes = np.zeros((2, 2), dtype=padded)
    nodes["flag"], nodes["left"], nodes["name"] = 3, [[1, 2], [3, 4]], u"xy"
    out.append(nodes)
    holes = np.dtype({"names": ["b", "a"], "formats": ["<f4", "<i2"], "offsets": [8, 2], "itemsize": 16})
    nodes = np.zeros(2, dtype=holes)
    nodes["a"], nodes["b"] = [1, 2], [0.5, 1.5]
    out.append(nodes)
    return out


def values():
    shared = [1, 2]
    ordered = collections.OrderedDict([(u"z", 1), (u"a", [2])])
    default = collections.defaultdict(list)
    default[u"k"].append(1)
    v = [
        None, True, False, 0, 1, -1, 255, 256, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 62, 2 ** 63 - 1,
        -(2 ** 63), 2 ** 63, 2 ** 64, -(2 ** 63) - 1, 2 ** 300, -(2 ** 300), 255 - 2 ** 9,
        0.0, -0.0, 1.5, -1e300, 5e-324, float("inf"), float("-inf"), float("nan"),
        u"", u"text", u"\u00e4\u20ac\U0001f600\n\\u0041\\ \x00\x1a'\"", u"l" * 300,
        b"", b"bytes\x00\xff\n'\\", b"b" * 300,
        (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1, [2, [3, (4,)]]], {}, {u"a": 1, u"b": {u"c": [None]}}, {1: 2, (3, 4): 5},
        set(), {1, 2, 3}, frozenset([u"a", u"b"]), bytearray(b"mutable\x00\xff"), slice(1, None, 2),
        ordered, default, [shared, shared, (shared,)],
        np.float64(1.25), np.float32(0.1), np.int64(-5), np.int32(7), np.uint8(200), np.bool_(True),
        (np.unicode_ if PY2 else np.str_)(u"\u00e4b"), np.bytes_(b"xy"), np.dtype("<f4"), np.dtype(">i8"),
    ]
    keys = {u"k%d" % i: i for i in range(1050)}
    return {u"values": v, u"arrays": arrays(), u"again": shared, u"many": list(range(1100)), u"keys": keys}


def number(x):
    return "nan" if x != x else float(x).hex()


def element(x, dtype):
    if dtype.names:
        return [element(x[n], dtype[n]) for n in dtype.names]
    if dtype.kind == "f":
        return number(x)
    if dtype.kind == "S":
        return bytes(x).decode("latin-1")
    if dtype.kind == "U":
        return unicode(x)
    if dtype.kind == "O":
        return describe(x)
    return str(int(x))


def describe(v):
    """Returns v as lists of texts: a tag and the contents."""
    if isinstance(v, np.dtype):
        return ["dtype", v.str]
    if isinstance(v, (np.ndarray, np.generic)):
        a = np.asarray(v)
        names = list(a.dtype.names) if a.dtype.names else []
        kind = a.dtype.kind + str(a.dtype.itemsize)
        flat = [element(a[i], a.dtype) for i in np.ndindex(*a.shape)]
        return ["array", kind, [str(n) for n in a.shape], names, flat]
    if v is None or isinstance(v, bool):
        return [str(v)]
    if isinstance(v, (int, long)):
        return ["int", str(v)]
    if isinstance(v, float):
        return ["float", number(v)]
    if isinstance(v, unicode):
        return ["str", v]
    if isinstance(v, bytearray) or isinstance(v, bytes) and not PY2:
        return ["bytes", bytes(v).decode("latin-1")]
    if isinstance(v, bytes):
        return ["str", v.decode("latin-1")]
    if isinstance(v, slice):
        return ["slice", describe(v.start), describe(v.stop), describe(v.step)]
    if isinstance(v, dict):
        return ["dict"] + sorted([describe(k), describe(v[k])] for k in v)
    tag = {list: "list", tuple: "tuple", set: "set", frozenset: "set"}[type(v)]
    items = [describe(x) for x in v]
    return [tag] + (sorted(items) if tag == "set" else items)


def main(folder):
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), folder)
    if not os.path.isdir(here):
        os.makedirs(here)
    v = values()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with open(os.path.join(here, "protocol%d.pkl" % protocol), "wb") as f:
            pickle.dump(v, f, protocol)
        joblib.dump(v, os.path.join(here, "protocol%d.joblib" % protocol), protocol=protocol)
    for method in ["zlib", "gzip", "bz2", "xz", "lzma", "lz4"]:
        if not (PY2 and method in ("xz", "lzma", "lz4")):
            joblib.dump(v, os.path.join(here, method + ".joblib"), compress=(method, 3))
    with open(os.path.join(here, "expected.json"), "wb") as f:
        f.write(json.dumps(describe(v), ensure_ascii=True).encode("ascii"))


if __name__ == "__main__":
    main(sys.argv[1])
