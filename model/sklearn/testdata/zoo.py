"""Writes the zoo of one scikit-learn version: each estimator and transformer that is
served, in its variants, and what it answers.

    python zoo.py FOLDER [PREFIX...]

writes the cases (of zoo_estimators.py and so on) whose names begin with a PREFIX, or
all: FOLDER/<version>/<name>.joblib or .pkl and beside it <name>.json.gz:

    file            the model's file name
    estimator       class name of the last estimator
    sklearn, numpy, joblib, python, protocol   what wrote the file
    columns         names that the model was trained with, or null
    classes         of a classifier; of several outputs the union, sorted as they come
    outputs         labels or numbers per row
    exact           whether every value must be equal; otherwise within 1e-9 relative
    float32         there and true where it computes in float32: within 1e-6
    library         there where the last estimator is not scikit-learn's: its name and version
    blocks          what was asked and answered, each with
        rows_ref    name of the table of rows, in FOLDER/inputs
        index       which of its rows; absent where it is the first ones
        predict     a label or number per row; a list per row where there are several outputs
        proba, decision, transform   rows of numbers; decision flat where there is one column;
                    decision only where there is no proba, transform only without predict.
                    A proba of two classes is stored flat, as the second one, where the first
                    is exactly one less it.
    refuse          rows that scikit-learn refuses: rows_ref and index

FOLDER/inputs/<name>.json.gz holds {"columns": names, "rows": rows of numbers, texts and
null}, the same for every version.

What a case needs and this version does not have leaves the case out, in a line on
standard error. The same versions write the same bytes again.
"""

import gzip
import importlib
import io
import json
import os
import pickle
import re
import sys
import traceback
import warnings
import zlib

import numpy as np
import scipy.sparse
import sklearn

import zoo_data as data

warnings.filterwarnings("ignore")
os.environ["PYTHONWARNINGS"] = "ignore"

VERSION = tuple(int(n) for n in re.findall(r"\d+", sklearn.__version__)[:2])
if VERSION < (0, 21):
    from sklearn.externals import joblib
else:
    import joblib

ALL, FEW = data.M, 40   # rows asked of a main case, and of a variation
LARGE = 40000           # a plain pickle above this is written as joblib, which is compressed


class LeftOut(Exception):
    """This version does not have what the case needs."""


class Classes(object):
    """Finds classes by name: K.Ridge(alpha=2) makes a sklearn.linear_model.Ridge."""

    MODULES = ("linear_model ensemble tree svm naive_bayes neighbors neural_network cluster dummy preprocessing impute "
               "feature_selection decomposition compose pipeline calibration multiclass multioutput model_selection "
               "feature_extraction feature_extraction.text kernel_ridge cross_decomposition").split()

    def __getattr__(self, name):
        found = None
        if name.startswith("HistGradient") and (0, 21) <= VERSION < (1, 0):
            importlib.import_module("sklearn.experimental.enable_hist_gradient_boosting")
        if name == "IterativeImputer" and VERSION >= (0, 21):
            importlib.import_module("sklearn.experimental.enable_iterative_imputer")
        for module in self.MODULES:
            try:
                found = getattr(importlib.import_module("sklearn." + module), name, None)
            except ImportError:
                continue
            if found is not None:
                break
        if found is None:
            raise LeftOut("no " + name)

        def make(*args, **params):
            try:
                return found(*args, **params)
            except TypeError as e:
                raise LeftOut(str(e))
        return make


K = Classes()


def imblearn(module, name):
    try:
        return getattr(importlib.import_module("imblearn." + module), name)
    except (ImportError, AttributeError):
        raise LeftOut("no imblearn.%s.%s" % (module, name))


class Case(object):
    """A model to be written.

    make    makes the unfitted model
    y       the targets, or None
    x       name of the table to train on; small is its first so many rows
    feed    how Python is given rows: array (floats), objects, frame, categories and
            categories_ascii (frames of them), texts,
            records, labels
    wild    name of a table of rows that may be refused, each asked on its own
    main    asks all rows, not a few
    exact   every value must be equal
    skip    rows that are not asked
    single  it computes in float32, whose order of additions is not ours: within 1e-6
    """

    def __init__(self, name, make, y=None, x="numbers", feed="array", wild=None, main=False, exact=False,
                 small=None, since=(0, 0), until=(99, 0), weights=False, rows=None, asked=None, single=False, skip=()):
        self.name, self.make, self.x, self.feed, self.main, self.exact = name, make, x, feed, main, exact
        self.n = min(small or 10 ** 6, len(data.TRAIN[x]))
        self.y = None if y is None else y[:self.n]
        self.asked = asked or {"holes": "holes_train", "zeros": "numbers", "mixed_holes": "mixed", "mixed_text_holes": "mixed", "holes_codes": "codes"}.get(x, x)
        if wild is None:
            wild = {"numbers": "holes", "counts": None, "mixed": "mixed_wild", "mixed_holes": "mixed_wild", "zeros": "holes",
                    "categories": "categories_wild", "codes": "codes_wild", "records": "records_wild",
                    "labels": "labels_wild", "label_codes": "label_codes_wild", "mixed_text_holes": "mixed_wild", "holes_codes": "codes_wild"}.get(x)
        self.wild = wild or None  # False: none
        self.here = since <= VERSION <= until
        self.weights, self.single, self.skip = weights, single, skip
        self.rows = rows or (ALL if main else FEW)
        self.probes = FEW  # rows of wild that are asked

    def train(self):
        model = self.make()
        x = feed(self.feed, data.TRAIN[self.x][:self.n], data.COLUMNS[self.asked])
        extra = {"sample_weight": data.WEIGHTS[:self.n]} if self.weights else {}
        if self.feed == "labels":
            return model.fit(x)
        return model.fit(x, self.y, **extra) if self.y is not None else model.fit(x)


def feed(how, rows, columns):
    """The rows as Python takes them."""
    if how == "array":
        return np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=np.float64).reshape(len(rows), -1)
    if how == "objects":
        return np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=object)
    if how in ("frame", "categories", "categories_ascii"):
        try:
            import pandas
        except ImportError:
            raise LeftOut("no pandas")
        columns = list(columns)
        frame = pandas.DataFrame({c: pandas.Series([np.nan if r[i] is None else r[i] for r in rows],
                                                   dtype=object if any(isinstance(r[i], str) for r in data.ROWS[TABLE_OF[tuple(columns)]]) else float)
                                  for i, c in enumerate(columns)})
        if how != "frame":
            for c, known in CATEGORIES["mixed" if how == "categories" else "mixed_ascii"].items():
                frame[c] = frame[c].astype(pandas.CategoricalDtype(known))
        return frame[columns]
    if how in ("texts", "labels"):
        return [row[0] for row in rows]
    if how == "records":
        return [{c: v for c, v in zip(columns, row) if v is not None} for row in rows]
    raise ValueError(how)


LIBRARIES = {"xgboost": "XGBoost", "lightgbm": "LightGBM"}
CATEGORIES = {table: {"sex": ["female", "male"], "city": sorted(set(r[2] for r in data.ROWS[table]))} for table in ("mixed", "mixed_ascii")}
TABLE_OF = {tuple(data.COLUMNS[t]): t for t in ("numbers", "spread", "counts", "categories", "codes", "mixed", "records")}


# ---- what is the same at every run ----

def walk(value, seen=None):
    """Every object of scikit-learn below value."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, (list, tuple, set)):
        below = list(value)
    elif isinstance(value, dict):
        below = list(value.values())
    elif isinstance(value, np.ndarray):
        below = list(value.ravel()) if value.dtype == object else []
    elif type(value).__module__.startswith(("sklearn", "imblearn")) and hasattr(value, "__dict__"):
        yield value
        below = list(vars(value).values())
    else:
        below = []
    for b in below:
        for found in walk(b, seen):
            yield found


def clean(model):
    """Takes out what differs from run to run: the gaps between a tree's fields, clock times."""
    for o in list(walk(model)):
        if type(getattr(o, "tree_", None)).__name__ == "Tree":
            o.tree_ = clean_tree(o.tree_)
        # Two attributes that nothing was ever written to hold whatever the memory held.
        if type(o).__name__ in ("SVR", "NuSVR", "OneClassSVM") and "n_support_" in vars(o):
            o.n_support_[:] = [-861987632, 32530][:len(o.n_support_)]
        if getattr(o, "multi_class", None) == "crammer_singer":
            o.n_iter_ = 1
        if hasattr(o, "_stop_words_id"):
            o._stop_words_id = 140000000000000  # an address
        if hasattr(o, "refit_time_"):
            o.refit_time_ = 0.25
        if isinstance(getattr(o, "cv_results_", None), dict):
            for key, v in o.cv_results_.items():
                if key.endswith("_time"):
                    v[:] = 0.125


def clean_tree(tree):
    cls, args, state = tree.__reduce__()
    nodes = np.zeros(state["nodes"].shape, state["nodes"].dtype)
    for field in nodes.dtype.names:
        nodes[field] = state["nodes"][field]
    if "missing_go_to_left" in nodes.dtype.names:
        nodes["missing_go_to_left"][nodes["left_child"] < 0] = 0
    twin = cls(*args)
    twin.__setstate__(dict(state, nodes=nodes))
    return twin


# ---- what is asked and answered ----

def plain(value):
    """Arrays and numpy scalars as what json writes; NaN as None."""
    if scipy.sparse.issparse(value):
        value = value.toarray()
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value]
    if hasattr(value, "to_numpy"):
        return plain(value.to_numpy())
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    return value


def has(model, method):
    try:
        return callable(getattr(model, method, None))
    except Exception:
        return False


def column(value):
    """A column of one as a flat list."""
    value = np.asarray(value)
    return value.ravel() if value.ndim == 2 and value.shape[1] == 1 else value


def two(block):
    """Probabilities of two classes as the second's alone, where nothing is lost."""
    proba = block.get("proba", [[]])
    if all(len(p) == 2 and 1 - p[1] == p[0] for p in proba):
        block["proba"] = [p[1] for p in proba]
    return block


def answers(model, x):
    if not has(model, "predict"):
        made = model.transform(x)
        if np.ndim(made) == 1:
            made = np.reshape(made, (-1, 1))
        if scipy.sparse.issparse(made):
            made = made.toarray()
        return {"transform": plain(np.asarray(made, dtype=float))}
    predicted = model.predict(x)
    if scipy.sparse.issparse(predicted):
        predicted = predicted.toarray()
    got = {"predict": plain(column(predicted))}
    if np.ndim(column(predicted)) == 2:
        return got  # of several outputs no scores are served
    # Old versions have the methods and fail in them where the estimator inside has not.
    for method, key in (("predict_proba", "proba"), ("decision_function", "decision")):
        if has(model, method):
            try:
                values = getattr(model, method)(x)
            except AttributeError:
                continue
            got[key] = plain(column(np.asarray(values, dtype=float)))
            break
    return got


def finite(answer):
    return all(np.isfinite(np.array(answer[k], dtype=float)).all() for k in answer if k in ("proba", "decision"))


def depends_on_others(model, case, rows, columns, decision):
    """Before 0.21 one against one was scaled by the largest value of all rows asked at
    once, which is no answer to a row: then no decision values are recorded."""
    for i, row in enumerate(rows[:10]):
        alone = answers(model, feed(case.feed, [row], columns))["decision"]
        if not np.allclose(alone[0], decision[i], rtol=1e-9, atol=1e-9):
            return True
    return False


def asked(model, case):
    """The blocks and what is refused."""
    columns = data.COLUMNS[case.asked]
    rows = data.ROWS[case.asked][:case.rows]
    block = {"rows_ref": case.asked, "count": len(rows)}
    if case.skip:
        index = [i for i in range(len(rows)) if i not in case.skip]
        rows, block = [rows[i] for i in index], {"rows_ref": case.asked, "index": index}
    block.update(answers(model, feed(case.feed, rows, columns)))
    blocks, refuse, taken = [two(block)], [], []
    if case.wild:
        for i, row in enumerate(data.ROWS[case.wild][:case.probes]):
            try:
                one = answers(model, feed(case.feed, [row], columns))
                taken.append((i, one))
            except (ValueError, TypeError, KeyError):
                refuse.append(i)
    if "decision" in block and depends_on_others(model, case, rows, columns, block["decision"]):
        for answer in [block] + [one for _, one in taken]:
            del answer["decision"]
    if taken:
        # Together where that is the same: what stands in one row must not change another's answer.
        wild = {"rows_ref": case.wild, "index": [i for i, _ in taken]}
        for key in taken[0][1]:
            if all(key in one for _, one in taken):
                wild[key] = [one[key][0] for _, one in taken]
        blocks.append(two(wild))
    return blocks, [{"rows_ref": case.wild, "index": refuse}] if refuse else []


def last(model):
    while hasattr(model, "steps") and hasattr(model.steps[-1][1], "fit"):
        model = model.steps[-1][1]
    return model


def classes_of(model):
    classes = getattr(model, "classes_", None)
    if classes is None and hasattr(model, "best_estimator_"):
        classes = getattr(model.best_estimator_, "classes_", None)
    if classes is None or not has(model, "predict"):
        return None
    if isinstance(classes, list) and len(classes) and isinstance(classes[0], np.ndarray):
        union = []
        for c in classes:
            union += [v for v in plain(c) if v not in union]
        return union
    return plain(np.asarray(classes))


def write_gz(path, value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    with open(path, "wb") as raw:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0) as f:
            f.write(text.encode("utf-8"))


def save(model, folder, name):
    """Writes most as compressed joblib and some as a plain pickle, of every protocol."""
    chance = zlib.crc32(name.encode("utf-8"))
    protocol = chance // 9 % (pickle.HIGHEST_PROTOCOL + 1)
    if chance % 9 == 0:
        raw = pickle.dumps(model, protocol)
        if len(raw) <= LARGE:
            with open(os.path.join(folder, name + ".pkl"), "wb") as f:
                f.write(raw)
            return name + ".pkl", protocol
    joblib.dump(model, os.path.join(folder, name + ".joblib"), compress=3)
    return name + ".joblib", pickle.DEFAULT_PROTOCOL


WIDTHLESS = ("Normalizer", "Binarizer", "FunctionTransformer", "DummyClassifier", "DummyRegressor", "StandardScaler")


def check_width(model):
    """Leaves out what stores nothing that tells how many columns it takes."""
    if type(model).__name__ in WIDTHLESS and getattr(model, "n_features_in_", None) is None:
        if getattr(model, "scale_", None) is None:
            raise LeftOut("it does not say how many columns it takes")


def write_case(folder, case):
    np.random.seed(20)  # for what takes no random_state
    model = case.train()
    check_width(model)
    clean(model)
    file, protocol = save(model, folder, case.name)
    path = os.path.join(folder, file)
    if file.endswith(".pkl"):
        with open(path, "rb") as f:
            model = pickle.load(f)
    else:
        model = joblib.load(path)
    blocks, refuse = asked(model, case)
    out = {
        "file": file, "protocol": protocol, "estimator": type(last(model)).__name__, "sklearn": sklearn.__version__,
        "numpy": np.__version__, "joblib": joblib.__version__, "python": "%d.%d" % sys.version_info[:2],
        "columns": list(data.COLUMNS[case.asked]) if case.feed in ("frame", "categories", "categories_ascii", "records") else None,
        "exact": case.exact, "blocks": blocks, "refuse": refuse,
    }
    if case.single:
        out["float32"] = True
    library = importlib.import_module(type(last(model)).__module__.split(".")[0])
    if library.__name__ in LIBRARIES:
        out["library"] = LIBRARIES[library.__name__] + " " + library.__version__
    first = blocks[0].get("predict", [0])[0]
    out["outputs"] = len(first) if isinstance(first, list) else 1
    classes = classes_of(model)
    if classes is not None and out["outputs"] > 1 and isinstance(last(model).classes_, np.ndarray):
        classes = [0, 1]  # what is predicted; classes_ counts the outputs
    if classes is not None:
        out["classes"] = classes
    write_gz(os.path.join(folder, case.name + ".json.gz"), out)
    if not all(finite(b) for b in blocks):
        raise ValueError("an answer is not finite")


def write_inputs(folder):
    if not os.path.isdir(folder):
        os.makedirs(folder)
    for name, rows in data.ROWS.items():
        write_gz(os.path.join(folder, name + ".json.gz"), {"columns": data.COLUMNS[name], "rows": rows})


def main():
    import zoo_estimators
    import zoo_ensembles
    import zoo_transformers
    import zoo_text
    import zoo_others
    import zoo_boosters
    base, prefixes = sys.argv[1], tuple(sys.argv[2:])
    folder = os.path.join(base, sklearn.__version__)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    write_inputs(os.path.join(base, "inputs"))
    failed, names = 0, set()
    for module in (zoo_estimators, zoo_ensembles, zoo_transformers, zoo_text, zoo_others, zoo_boosters):
        for case in module.cases():
            if case.name in names:
                raise ValueError("two cases are named " + case.name)
            names.add(case.name)
            # Two versions store what their neighbours store: there the main ones do.
            few = module is not zoo_estimators and not case.main and VERSION in ((0, 22), (1, 3))
            if not case.here or few or (prefixes and not case.name.startswith(prefixes)):
                continue
            try:
                write_case(folder, case)
            except LeftOut as e:
                sys.stderr.write("%s: %s left out: %s\n" % (sklearn.__version__, case.name, e))
            except Exception:
                failed += 1
                sys.stderr.write("%s: %s FAILED\n%s\n" % (sklearn.__version__, case.name, traceback.format_exc()))
    if failed:
        sys.exit("%d cases failed" % failed)


if __name__ == "__main__":
    sys.modules["zoo"] = sys.modules["__main__"]  # the case files import this one
    main()
