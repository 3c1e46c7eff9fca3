"""Writes models of the installed XGBoost and what it predicts with them.

For each case NAME.KIND.gz is a model (KIND is json, ubj, bin or handle, the bytes in
a pickled Booster) and NAME.expected.gz has the rows (null is a missing value), XGBoost's
margins and predictions, and for a wrapper its classes and probabilities. Usage:
fixtures.py FOLDER
"""
import gzip
import json
import math
import os
import sys

import numpy as np
import pandas as pd
import xgboost as xgb

OUT = sys.argv[1]
VERSION = tuple(int(part) for part in xgb.__version__.split(".")[:2])
ROWS, FEATURES = 300, 6
random = np.random.RandomState(11)


def grid(n):
    """Values on a coarse grid, so that files stay small and ties are many."""
    return np.round(random.normal(size=(n, FEATURES)) * 4) / 4


def gaps(share=0.15):
    x = grid(ROWS)
    x[random.uniform(size=x.shape) < share] = np.nan
    return x


def targets(x):
    z = np.nan_to_num(x)
    return z[:, 0] * 2 + z[:, 1] * z[:, 2] - np.abs(z[:, 3]) + random.normal(size=len(x)) * 0.3


def write(name, content):
    with open(os.path.join(OUT, name), "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as f:
            f.write(content)


def thresholds(booster):
    """(feature, threshold) of the numeric splits."""
    found = []
    try:
        table = booster.trees_to_dataframe()
    except Exception:
        return found
    for feature, split in zip(table["Feature"], table["Split"]):
        if feature != "Leaf" and not pd.isna(split):
            found.append((int(feature.lstrip("f")), float(split)))
    return found


def probes(booster, categorical=()):
    """Rows to predict: plain ones, on and next to thresholds, missing, odd."""
    x = grid(220).astype(np.float32)
    cuts = thresholds(booster) if booster is not None else []
    for i in range(60, 150):
        if cuts:
            f, v = cuts[random.randint(len(cuts))]
            v = np.float32(v)
            x[i, f] = [v, np.nextafter(v, np.float32(np.inf)), np.nextafter(v, np.float32(-np.inf))][i % 3]
    x = x.astype(np.float64)
    # Not float32 numbers: XGBoost rounds them.
    x[130:150] += random.normal(size=(20, FEATURES)) * 1e-9
    x[150:190][random.uniform(size=(40, FEATURES)) < 0.3] = np.nan
    x[190:200][random.uniform(size=(10, FEATURES)) < 0.5] = 0.0
    x[200:205] = np.nan
    x[205:210] = random.choice([1e30, -1e30, 1e-40, -1e-40, -0.0], size=(5, FEATURES))
    x[210:215] = -999
    for c in categorical:
        x[:, c] = random.randint(-2, 60, size=len(x))
        x[:60, c] = random.randint(0, 12, size=60)
        x[150:170, c] = np.nan
        x[170:180, c] = np.maximum(x[170:180, c], 0) + 0.5
    return x


def plain(values):
    return [None if isinstance(v, float) and math.isnan(v) else v for v in values]


def numbers(a):
    return np.asarray(a).astype(np.float64).tolist()


def files(name, booster, kinds):
    for kind in kinds:
        path = os.path.join(OUT, "tmp." + {"bin": "model"}.get(kind, kind))
        if kind == "handle":
            content = bytes(booster.__getstate__()["handle"])
        else:
            booster.save_model(path)
            content = open(path, "rb").read()
            os.remove(path)
        write(name + "." + kind + ".gz", content)


def kinds(every, categorical):
    """The kinds of file that this version writes."""
    have = {"bin": VERSION < (2, 1) and not categorical, "json": VERSION >= (1, 0), "ubj": VERSION >= (1, 6), "handle": True}
    order = ["ubj", "json", "bin", "handle"]
    if every:
        return [k for k in order if have[k]]
    return [next(k for k in order if have[k])]


def save(name, booster, every=False, vectors=False, rows=None, categorical=(), types=None):
    rows = probes(booster, categorical) if rows is None else rows
    data = xgb.DMatrix(rows) if types is None else xgb.DMatrix(rows, feature_types=types, enable_categorical=True)
    # Without a limit, dart of before 1.0 drops trees when it predicts.
    limit = {"ntree_limit": 1000} if VERSION < (1, 0) and name == "dart" else {}
    entry = {"rows": [plain(row) for row in rows.tolist()], "predicted": numbers(booster.predict(data, **limit)),
             "margins": numbers(booster.predict(data, output_margin=True, **limit))}
    files(name, booster, kinds(every, categorical or vectors))
    write(name + ".expected.gz", json.dumps(entry).encode())
    print(name)


def train(name, params, label=lambda t: t, x=None, rounds=6, every=False, types=None, categorical=(), **more):
    x = grid(ROWS) if x is None else x
    y = label(targets(x))
    params = dict(dict(max_depth=3, eta=0.4, seed=1, nthread=1), **params)
    if VERSION < (1, 0):
        params.setdefault("silent", 1)
        if params.get("objective") == "reg:squarederror":
            params["objective"] = "reg:linear"
    more = dict(more, **({"feature_types": types, "enable_categorical": True} if types else {}))
    vectors = "multi_strategy" in params
    group = more.pop("group", None)
    data = xgb.DMatrix(x, y, **more)
    if group:
        data.set_group(group)
    save(name, xgb.train(params, data, rounds), every, vectors, types=types, categorical=categorical)


def three(t):
    return np.digitize(t, np.quantile(t, [0.3, 0.7]))


def above(t):
    return (t > 0).astype(int)


def squash(t):
    return 1 / (1 + np.exp(-t))


def wrapper(name, model, x, y, **fit):
    """What counts is what a wrapper predicts that has loaded the file. (1.4 and 1.5
    lose all but the first tree of a forest by that: there what it predicted before.)
    """
    model.fit(x, y, **fit)
    path = os.path.join(OUT, "tmp.json")
    model.save_model(path)
    rows = probes(model.get_booster())
    if name != "forest" or VERSION >= (1, 6):
        model = type(model)()
        model.load_model(path)
    entry = {"rows": [plain(row) for row in rows.tolist()], "predicted": model.predict(rows).tolist()}
    if hasattr(model, "predict_proba"):
        entry["probabilities"] = numbers(model.predict_proba(rows))
    write("wrapper_" + name + ".json.gz", open(path, "rb").read())
    os.remove(path)
    write("wrapper_" + name + ".expected.gz", json.dumps(entry).encode())
    print("wrapper", name)


def frame(n):
    x = grid(n)
    f = pd.DataFrame({
        "number": x[:, 0],
        "city": pd.Categorical(random.choice(["Oslo", "Łódź", "São Paulo", "New York", "Rome"], size=n)),
        "year": pd.Categorical(random.choice([1999, 2001, 2005, 2020, 2024], size=n)),
        "small": pd.Categorical(random.choice(np.array([200, 3, 90], dtype=np.uint16), size=n)),
        "other": x[:, 1],
    })
    f.loc[random.uniform(size=n) < 0.1, "city"] = np.nan
    f.loc[random.uniform(size=n) < 0.1, "year"] = np.nan
    return f


def named():
    """Since 3.1 a file has the categories of a data frame."""
    f = frame(ROWS)
    y = f["number"] + f["city"].cat.codes * 0.7 + (f["year"].cat.codes - 2) ** 2 * 0.5 + f["small"].cat.codes
    booster = xgb.train(dict(max_depth=4, max_cat_to_onehot=2), xgb.DMatrix(f, y, enable_categorical=True), 6)
    fresh = frame(220)
    fresh["city"] = fresh["city"].cat.reorder_categories(sorted(fresh["city"].cat.categories, reverse=True))
    data = xgb.DMatrix(fresh, enable_categorical=True)
    columns = [fresh[c].astype(object).where(fresh[c].notna(), None).tolist() for c in fresh]
    entry = {"rows": [plain(row) for row in zip(*columns)], "predicted": numbers(booster.predict(data)),
             "margins": numbers(booster.predict(data, output_margin=True))}
    files("named", booster, ["json", "ubj"])
    write("named.expected.gz", json.dumps(entry).encode())
    print("named")


def main():
    os.makedirs(OUT, exist_ok=True)
    train("binary", {"objective": "binary:logistic"}, above, every=True)
    train("binary_nan", {"objective": "binary:logistic", "base_score": 0.3}, above, gaps())
    train("logitraw", {"objective": "binary:logitraw"}, above, rounds=3)
    train("hinge", {"objective": "binary:hinge"}, above, rounds=3)
    train("squared", {"objective": "reg:squarederror"}, x=gaps(), every=True, rounds=4)
    train("reg_logistic", {"objective": "reg:logistic"}, squash, rounds=3)
    train("poisson", {"objective": "count:poisson"}, lambda t: np.floor(np.exp(t / 3)), rounds=3)
    train("gamma", {"objective": "reg:gamma"}, lambda t: np.exp(t / 3), rounds=3)
    train("tweedie", {"objective": "reg:tweedie"}, lambda t: np.maximum(t, 0), rounds=3)
    train("cox", {"objective": "survival:cox"}, lambda t: np.exp(t / 3), rounds=3)
    train("softprob", {"objective": "multi:softprob", "num_class": 3}, three, gaps(), rounds=3, every=True)
    train("softmax", {"objective": "multi:softmax", "num_class": 3}, three, rounds=3)
    train("pairwise", {"objective": "rank:pairwise"}, three, rounds=3, group=[30] * 10)
    train("dart", {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.5}, above, every=True, rounds=5)
    train("linear", {"objective": "reg:squarederror", "booster": "gblinear"}, x=gaps(), every=True)
    train("linear_softprob", {"objective": "multi:softprob", "num_class": 3, "booster": "gblinear"}, three)
    train("forest", {"objective": "multi:softprob", "num_class": 3, "num_parallel_tree": 3, "subsample": 0.7, "eta": 1}, three, rounds=2)
    train("lossguide", {"objective": "binary:logistic", "tree_method": "hist", "grow_policy": "lossguide", "max_leaves": 9, "max_depth": 0}, above, rounds=3)
    train("pruned", {"objective": "binary:logistic", "tree_method": "exact", "gamma": 2.0, "max_depth": 5}, above, rounds=4, every=True)
    train("stump", {"objective": "binary:logistic"}, lambda t: np.ones(len(t)), rounds=2)
    if VERSION >= (1, 0):
        train("squaredlog", {"objective": "reg:squaredlogerror"}, lambda t: np.maximum(t, 0), rounds=3)
    if VERSION >= (1, 3):
        train("pseudohuber", {"objective": "reg:pseudohubererror"}, rounds=3)
    if VERSION >= (1, 7):
        train("absolute", {"objective": "reg:absoluteerror"}, rounds=3)
        x = grid(ROWS)
        x[:, 2] = random.randint(0, 12, size=ROWS)
        x[:, 4] = random.randint(0, 40, size=ROWS)
        x[:, 2][random.uniform(size=ROWS) < 0.1] = np.nan
        types = ["q", "q", "c", "q", "c", "q"]
        train("categories", {"objective": "reg:squarederror", "tree_method": "hist", "max_cat_to_onehot": 4}, x=x, types=types, categorical=(2, 4), every=True)
        train("targets", {"objective": "reg:squarederror", "tree_method": "hist"}, lambda t: np.stack([t, -t, t * t], axis=1), rounds=3)
        train("labels", {"objective": "binary:logistic", "tree_method": "hist"}, lambda t: np.stack([t > 0, t > 1], axis=1).astype(int), rounds=3)
    if VERSION >= (2, 0):
        train("quantile", {"objective": "reg:quantileerror", "quantile_alpha": [0.2, 0.8], "tree_method": "hist"}, rounds=3)
        train("vectors", {"objective": "reg:squarederror", "tree_method": "hist", "multi_strategy": "multi_output_tree"}, lambda t: np.stack([t, -t, t * t], axis=1), rounds=3, every=True)
        train("vectors_softprob", {"objective": "multi:softprob", "num_class": 3, "tree_method": "hist", "multi_strategy": "multi_output_tree"}, three, rounds=3)
        aft()
    if VERSION >= (3, 3):
        train("expectile", {"objective": "reg:expectileerror", "expectile_alpha": [0.2, 0.8]}, rounds=3)
    if VERSION >= (3, 1):
        named()
    wrappers()


def aft():
    x = grid(ROWS)
    y = np.exp(targets(x) / 3)
    data = xgb.DMatrix(x)
    data.set_float_info("label_lower_bound", y)
    data.set_float_info("label_upper_bound", y * 1.5)
    save("aft", xgb.train(dict(objective="survival:aft", max_depth=3, nthread=1), data, 3))


def wrappers():
    """Files of the scikit-learn wrappers, which note more than a Booster's."""
    if VERSION < (1, 0):
        return
    x = gaps()
    t = targets(x)
    stop = dict(early_stopping_rounds=2)
    fit = {}
    if VERSION < (1, 6):
        fit, stop = stop, {}
    noisy = np.where(random.uniform(size=ROWS) < 0.3, random.randint(0, 2, size=ROWS), above(t))
    odd = noisy if VERSION >= (1, 6) else noisy * 5 + 2
    common = dict(max_depth=3, learning_rate=0.6, n_jobs=1)
    more = dict(eval_set=[(x[200:], odd[200:])], verbose=False)
    wrapper("stopped", xgb.XGBClassifier(n_estimators=30, **dict(common, **stop)), x[:200], odd[:200], **dict(more, **fit))
    wrapper("classes", xgb.XGBClassifier(n_estimators=4, **common), x, three(t))
    if VERSION < (1, 6):
        wrapper("texts", xgb.XGBClassifier(n_estimators=3, **common), x, np.array(["low", "mid", "high"])[three(t)])
    z = grid(ROWS)
    z[random.uniform(size=z.shape) < 0.1] = -999
    wrapper("missing", xgb.XGBRegressor(n_estimators=4, missing=-999, **common), z, targets(z))
    wrapper("forest", xgb.XGBRFClassifier(n_estimators=5, max_depth=3, n_jobs=1), x, above(t))


main()
