"""Writes models of the installed LightGBM and what it predicts with them.

For each case NAME.txt.gz is the model's text and NAME.json.gz has the rows (null is
a missing value), the raw scores and the predictions of LightGBM. Usage:
fixtures.py FOLDER
"""
import gzip
import json
import math
import os
import re
import sys

import lightgbm as lgb
import numpy as np
import pandas as pd

OUT = sys.argv[1]
VERSION = tuple(int(part) for part in lgb.__version__.split(".")[:2])
ROWS, FEATURES = 300, 6
random = np.random.RandomState(7)


def grid(n):
    """Values on a coarse grid, so that files stay small and ties are many."""
    return np.round(random.normal(size=(n, FEATURES)) * 4) / 4


def targets(x):
    z = np.nan_to_num(x)
    return z[:, 0] * 2 + z[:, 1] * z[:, 2] - np.abs(z[:, 3]) + random.normal(size=len(x)) * 0.3


def write(name, content):
    with open(os.path.join(OUT, name), "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as f:
            f.write(content.encode())


def thresholds(text):
    """(feature, threshold) of every numeric split in the model's text."""
    found = []
    for block in text.split("Tree=")[1:]:
        features = re.search(r"^split_feature=(.*)$", block, re.M)
        values = re.search(r"^threshold=(.*)$", block, re.M)
        kinds = re.search(r"^decision_type=(.*)$", block, re.M)
        if features and values and kinds:
            for f, v, k in zip(features.group(1).split(), values.group(1).split(), kinds.group(1).split()):
                if int(k) & 1 == 0 and abs(float(v)) < 1e300:
                    found.append((int(f), float(v)))
    return found


def probes(text, categorical=()):
    """Rows to predict: plain ones, on and next to thresholds, missing, odd."""
    x = grid(220)
    cuts = thresholds(text)
    for i in range(60, 150):
        if cuts:
            f, v = cuts[random.randint(len(cuts))]
            x[i, f] = [v, np.nextafter(v, np.inf), np.nextafter(v, -np.inf)][i % 3]
    x[150:190][random.uniform(size=(40, FEATURES)) < 0.3] = np.nan
    x[190:200][random.uniform(size=(10, FEATURES)) < 0.5] = 0.0
    x[200:205] = np.nan
    x[205:210] = random.choice([1e300, -1e300, 1e-36, -1e-36, 1e-35, -1e-34], size=(5, FEATURES))
    for c in categorical:
        x[:, c] = random.randint(-2, 60, size=len(x))
        x[:40, c] = random.randint(0, 12, size=40)
        x[150:170, c] = np.nan
        x[170:190, c] += 0.5
    return x


def plain(values):
    return [None if isinstance(v, float) and math.isnan(v) else v for v in values]


def save(name, booster, rows=None, frame=None, categorical=()):
    text = booster.model_to_string()
    if frame is None:
        rows = probes(text, categorical) if rows is None else rows
        cells = [plain(row) for row in rows.tolist()]
    else:
        rows = frame
        columns = [frame[c].astype(object).where(frame[c].notna(), None).tolist() for c in frame]
        cells = [plain(row) for row in zip(*columns)]
    raw = booster.predict(rows, raw_score=True)
    predicted = booster.predict(rows)
    write(name + ".txt.gz", text)
    write(name + ".json.gz", json.dumps({"rows": cells, "raw": raw.tolist(), "predicted": predicted.tolist()}))
    print(name, len(text))


def train(name, params, label=lambda t: t, x=None, trees=8, categorical=(), **more):
    x = grid(ROWS) if x is None else x
    y = label(targets(x))
    params = dict(dict(num_leaves=7, min_data_in_leaf=5, learning_rate=0.3, verbose=-1, seed=1, num_threads=1), **params)
    data = lgb.Dataset(x, y, categorical_feature=list(categorical), free_raw_data=False, **more)
    save(name, lgb.train(params, data, num_boost_round=trees), categorical=categorical)


def gaps(share=0.15, zeros=False):
    x = grid(ROWS)
    x[random.uniform(size=x.shape) < share] = 0.0 if zeros else np.nan
    return x


def three(t):
    return np.digitize(t, np.quantile(t, [0.3, 0.7]))


def above(t):
    return (t > 0).astype(int)


def squash(t):
    return 1 / (1 + np.exp(-t))


def frame(n, fresh=False):
    x = grid(n)
    cities = ["Oslo", "Łódź", "São Paulo", "New York", "a=b: \"c\"", "Rome"]
    f = pd.DataFrame({
        "number": x[:, 0],
        "city": pd.Categorical(random.choice(cities + (["Nowhere"] if fresh else []), size=n)),
        "year": pd.Categorical(random.choice([1999, 2001, 2005, 2020, 2024] + ([7] if fresh else []), size=n)),
        "flag": pd.Categorical(random.choice([True, False], size=n)),
        "other": x[:, 1],
    })
    f.loc[random.uniform(size=n) < 0.1, "city"] = np.nan
    f.loc[random.uniform(size=n) < 0.1, "year"] = np.nan
    return f


def pandas_case(name, ordered):
    f = frame(ROWS)
    y = f["number"] + f["city"].cat.codes * 0.7 + (f["year"].cat.codes - 2) ** 2 * 0.5 + f["flag"].cat.codes
    if ordered:
        f["year"] = f["year"].cat.as_ordered()
    params = dict(num_leaves=9, min_data_in_leaf=5, learning_rate=0.4, verbose=-1, num_threads=1, min_data_per_group=5, cat_smooth=1, max_cat_to_onehot=2)
    booster = lgb.train(params, lgb.Dataset(f, y), num_boost_round=8)
    fresh = frame(220, fresh=True)
    if ordered:
        fresh["year"] = fresh["year"].cat.as_ordered()
    save(name, booster, frame=fresh)


def main():
    os.makedirs(OUT, exist_ok=True)
    train("binary", {"objective": "binary"}, above)
    train("binary_sigmoid", {"objective": "binary", "sigmoid": 1.7}, above)
    train("binary_nan", {"objective": "binary"}, above, gaps())
    train("binary_zero_as_missing", {"objective": "binary", "zero_as_missing": True}, above, gaps(zeros=True))
    train("binary_no_missing", {"objective": "binary", "use_missing": False}, above)
    train("binary_dart", {"objective": "binary", "boosting": "dart", "drop_rate": 0.5}, above)
    train("binary_rf", {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.7}, above)
    train("binary_constant", {"objective": "binary"}, lambda t: (t > -100).astype(int))
    train("regression", {"objective": "regression"})
    train("regression_nan", {"objective": "regression"}, x=gaps())
    train("regression_sqrt", {"objective": "regression", "reg_sqrt": True}, trees=5)
    train("regression_l1", {"objective": "regression_l1"}, trees=4)
    train("regression_rf", {"objective": "regression", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.7}, trees=5)
    train("huber", {"objective": "huber"}, trees=3)
    train("quantile", {"objective": "quantile", "alpha": 0.8}, trees=3)
    train("mape", {"objective": "mape"}, lambda t: np.abs(t) + 1, trees=3)
    train("poisson", {"objective": "poisson"}, lambda t: np.floor(np.exp(t / 3)), trees=4)
    train("gamma", {"objective": "gamma"}, lambda t: np.exp(t / 3), trees=4)
    train("tweedie", {"objective": "tweedie"}, lambda t: np.maximum(t, 0), trees=4)
    train("cross_entropy", {"objective": "cross_entropy"}, squash, trees=4)
    train("cross_entropy_lambda", {"objective": "cross_entropy_lambda"}, squash, trees=4)
    train("multiclass", {"objective": "multiclass", "num_class": 3}, three, gaps(), trees=4)
    train("multiclassova", {"objective": "multiclassova", "num_class": 3, "sigmoid": 1.3}, three, trees=4)
    train("lambdarank", {"objective": "lambdarank"}, three, trees=4, group=[30] * 10)
    x = grid(ROWS)
    x[:, 2] = random.randint(0, 12, size=ROWS)
    x[:, 4] = random.randint(0, 40, size=ROWS)
    categories = dict(min_data_per_group=5, cat_smooth=1, cat_l2=1, max_cat_to_onehot=4)
    train("categories", dict(categories, objective="binary"), above, x.copy(), categorical=(2, 4))
    x[random.uniform(size=x.shape) < 0.1] = np.nan
    train("categories_nan", dict(categories, objective="regression"), x=x, categorical=(2, 4))
    pandas_case("pandas", ordered=False)
    pandas_case("pandas_ordered", ordered=True)
    if VERSION >= (3, 2):
        train("linear", {"objective": "regression", "linear_tree": True, "num_leaves": 4}, x=gaps(0.05), trees=4)
        train("linear_binary", {"objective": "binary", "linear_tree": True, "num_leaves": 4, "boosting": "gbdt"}, above, trees=4)
    stopped()
    own()
    for objective in ("regression_l1", "fair", "quantile", "mape", "huber"):
        train("sqrt_" + objective, {"objective": objective, "reg_sqrt": True}, lambda t: np.abs(t) + 1, trees=3)


def stopped():
    """A booster that was stopped early saves its best iterations only."""
    x = grid(ROWS)
    y = np.where(random.uniform(size=ROWS) < 0.3, random.randint(0, 2, size=ROWS), above(targets(x)))
    train_set = lgb.Dataset(x[:200], y[:200], free_raw_data=False)
    params = dict(objective="binary", metric="binary_logloss", num_leaves=15, min_data_in_leaf=2, learning_rate=0.6, verbose=-1, num_threads=1)
    more = dict(callbacks=[lgb.early_stopping(3)]) if VERSION >= (3, 3) else dict(early_stopping_rounds=3, verbose_eval=False)
    booster = lgb.train(params, train_set, num_boost_round=60, valid_sets=[lgb.Dataset(x[200:], y[200:], reference=train_set)], **more)
    assert 0 < booster.best_iteration < 60
    save("stopped", booster)


def own():
    """An objective of one's own: raw scores are the predictions."""
    x = grid(ROWS)
    y = targets(x)

    def loss(scores, data):
        return scores - data.get_label(), np.ones(len(scores))

    params = dict(num_leaves=5, verbose=-1, num_threads=1)
    more = {}
    if VERSION >= (4, 0):
        params["objective"] = loss
    else:
        more["fobj"] = loss
    save("custom", lgb.train(params, lgb.Dataset(x, y), num_boost_round=3, **more))


main()
