"""Writes the fixtures of one scikit-learn version: models and what they answer.

    python fixtures.py FOLDER

trains small models with the scikit-learn that this interpreter imports and writes,
for each, FOLDER/<version>/<name>.joblib and beside it <name>.json:

    estimator          class name of the last estimator
    sklearn, numpy, joblib, python, protocol   what wrote the file
    input              rows of numbers; each reads back to the float64 that was used
    edge_rows          so many of the last rows of input sit on thresholds of the trees: the
                       threshold, its nearest float32 and that one's two neighbours
    predict            one label or number per row
    predict_proba      rows of probabilities, decision_function  numbers or rows: where there are any
    classes            of a classifier
    feature_names      where the model was trained with names
    nan_accepted       whether predict takes NaN; if so nan_input (null is NaN) and nan_predict,
                       nan_predict_proba, nan_decision_function

A file named refuse_* is one that must not load; its json has "refused", the class at
fault, and "globals", every global that the file names, in order.

make.sh runs this with every version. It runs with Python 3.6 to 3.13, and the same
versions write the same bytes again.
"""

import gzip
import inspect
import io
import json
import os
import pickle
import re
import sys
import types
import warnings

import numpy as np
import sklearn
from sklearn.ensemble import (
    ExtraTreesClassifier, ExtraTreesRegressor, IsolationForest,
    RandomForestClassifier, RandomForestRegressor)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
from sklearn.tree import (
    DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor)

warnings.filterwarnings("ignore")

VERSION = tuple(int(n) for n in re.findall(r"\d+", sklearn.__version__)[:2])
if VERSION < (0, 21):
    from sklearn.externals import joblib  # the copy that 0.20 brings along and files of its time name
else:
    import joblib

ROWS, FEW_ROWS = 200, 16     # rows of input of a main case, and of a variation
EDGES, FEW_EDGES = 10, 3     # thresholds that edge rows are made of
NAMES = ["length", "width", "height", "kind"]
CODEC_VERSIONS = [(0, 24), (1, 9)]  # these write every compression and protocol too


# ---- the data: 240 rows of three rounded numbers and a category's number ----

def data():
    rng = np.random.RandomState(20)
    X = np.round(rng.normal(size=(240, 4)) * [1, 2, 5, 1], 2)
    X[:, 3] = rng.randint(0, 8, size=240)
    signal = X[:, 0] + 0.5 * X[:, 1] - 0.2 * X[:, 2] + (X[:, 3] > 4) + rng.normal(scale=0.4, size=240)
    return X, signal


X, SIGNAL = data()
WEIGHTS = np.round(np.random.RandomState(21).uniform(0.1, 3, size=240), 2)
TWO = (SIGNAL > 0.5).astype(np.int64)
THREE = np.digitize(SIGNAL, [-0.6, 1.2])
NUMBERS = np.round(SIGNAL * 10, 1)
STRINGS = np.array(["normal", "attack"])[TWO]
STRINGS3 = np.array(["low", "gr\u00f6\u00dfer", "\u9ad8"])[THREE]
HOLES = X.copy()
HOLES[np.random.RandomState(22).uniform(size=X.shape) < 0.15] = np.nan

TEST = np.round(np.random.RandomState(23).normal(size=(ROWS, 4)) * [1.2, 2.4, 6, 1], 2)
TEST[:, 3] = np.random.RandomState(24).randint(-1, 9, size=ROWS)
NAN_TEST = TEST[:10].copy()
for i in range(10):
    NAN_TEST[i, i % 4] = np.nan
NAN_TEST[8, 1:3] = np.nan
NAN_TEST[9, :] = np.nan


# ---- the cases ----

class Case(object):
    """A model to be written. main cases are uncompressed and have many rows."""

    def __init__(self, name, model, y=TWO, x=X, main=False, weights=None, since=(0, 0), until=(9, 9)):
        self.name, self.model, self.x, self.y, self.main, self.weights = name, model, x, y, main, weights
        self.here = since <= VERSION <= until

    def fitted(self):
        model = self.model()
        if self.weights is None:
            return model.fit(self.x, self.y)
        return model.fit(self.x, self.y, sample_weight=self.weights)


def maker(cls, **fixed):
    def make(**extra):
        params = dict(fixed, **extra)
        return lambda: cls(**params)
    return make


tree = maker(DecisionTreeClassifier, max_depth=4, random_state=1)
tree_regressor = maker(DecisionTreeRegressor, max_depth=4, random_state=2)
extra_tree = maker(ExtraTreeClassifier, max_depth=4, random_state=3)
forest = maker(RandomForestClassifier, n_estimators=3, max_depth=4, random_state=4)
forest_regressor = maker(RandomForestRegressor, n_estimators=3, max_depth=4, random_state=5)
extra = maker(ExtraTreesClassifier, n_estimators=3, max_depth=4, random_state=6)
extra_regressor = maker(ExtraTreesRegressor, n_estimators=3, max_depth=4, random_state=7)
isolation = maker(IsolationForest, n_estimators=4, max_samples=32, random_state=8)
logistic = maker(LogisticRegression, random_state=9, max_iter=500)

# 0.20 and 0.21 ask for these in words, or behave in the old way with a warning.
AUTO = {"contamination": "auto", "behaviour": "new"} if VERSION < (0, 22) else {"contamination": "auto"}
TENTH = {"contamination": 0.1, "behaviour": "new"} if VERSION < (0, 22) else {"contamination": 0.1}
MAE = "mae" if VERSION < (1, 0) else "absolute_error"


def frame(x):
    import pandas
    return pandas.DataFrame(x, columns=NAMES)


def tree_cases():
    return [
        Case("tree_binary", tree(), main=True),
        Case("tree_3class", tree(), THREE),
        Case("tree_strings", tree(), STRINGS),
        Case("tree_strings_object", tree(), STRINGS3.astype(object)),
        Case("tree_bools", tree(), TWO == 1),
        Case("tree_floats", tree(), THREE - 1.0),
        Case("tree_negative", tree(), THREE * 3 - 4),
        Case("tree_int32", tree(), TWO.astype(np.int32)),
        Case("tree_uint8", tree(), THREE.astype(np.uint8)),
        Case("tree_balanced", tree(class_weight="balanced"), THREE),
        Case("tree_weights", tree(), THREE, weights=WEIGHTS),
        Case("tree_entropy", tree(criterion="entropy"), THREE),
        Case("tree_random_splitter", tree(splitter="random")),
        Case("tree_pruned", tree(ccp_alpha=0.01), THREE, since=(0, 22)),
        Case("tree_single_leaf", tree(min_samples_leaf=200), STRINGS),
        Case("tree_single_class", tree(), np.full(240, 7)),
        Case("tree_monotonic", tree(monotonic_cst=[1, 0, 0, 0]), since=(1, 4)),
        Case("tree_nan", tree(), THREE, HOLES, since=(1, 3)),
        Case("tree_fortran_input", tree(), TWO, np.asfortranarray(X.astype(np.float32))),
        Case("tree_regressor", tree_regressor(), NUMBERS),
        Case("tree_regressor_mae", tree_regressor(criterion=MAE), NUMBERS),
        Case("tree_regressor_nan", tree_regressor(), NUMBERS, HOLES, since=(1, 3)),
        Case("extra_tree", extra_tree(), THREE),
        Case("extra_tree_regressor", maker(ExtraTreeRegressor, max_depth=4, random_state=3)(), NUMBERS),
        # With this splitter the two take NaN in some releases and not in later ones.
        Case("extra_tree_best", extra_tree(splitter="best"), THREE),
        Case("extra_tree_regressor_best", maker(ExtraTreeRegressor, max_depth=4, random_state=3)(splitter="best"), NUMBERS),
        Case("extra_tree_nan", extra_tree(), THREE, HOLES, since=(1, 6)),
    ]


def forest_cases():
    return [
        Case("forest_binary", forest(n_estimators=7), main=True),
        Case("forest_3class", forest(), THREE),
        Case("forest_strings", forest(), STRINGS),
        Case("forest_strings_object", forest(), STRINGS3.astype(object)),
        Case("forest_bools", forest(), TWO == 1),
        Case("forest_floats", forest(), THREE - 1.0),
        Case("forest_negative", forest(), THREE * 3 - 4),
        Case("forest_balanced", forest(class_weight="balanced"), THREE),
        Case("forest_balanced_subsample", forest(class_weight="balanced_subsample"), THREE),
        Case("forest_weights", forest(), THREE, weights=WEIGHTS),
        Case("forest_one_tree", forest(n_estimators=1), STRINGS),
        Case("forest_single_class", forest(n_estimators=3), np.full(240, "only")),
        Case("forest_single_leaves", forest(n_estimators=3, min_samples_leaf=150), THREE),
        Case("forest_oob", forest(oob_score=True)),
        Case("forest_no_bootstrap", forest(bootstrap=False), THREE),
        Case("forest_random_state_object", forest_with_random_state),
        Case("forest_pandas", forest(), STRINGS, "frame", since=(1, 0)),
        Case("forest_monotonic", forest(monotonic_cst=[1, 0, 0, 0]), since=(1, 4)),
        Case("forest_nan", forest(), THREE, HOLES, since=(1, 4)),
        Case("forest_regressor", forest_regressor(n_estimators=7), NUMBERS, main=True),
        Case("forest_regressor_mae", forest_regressor(criterion=MAE), NUMBERS),
        Case("forest_regressor_nan", forest_regressor(), NUMBERS, HOLES, since=(1, 4)),
        Case("extra_binary", extra(n_estimators=7), main=True),
        Case("extra_3class", extra(), STRINGS3),
        Case("extra_nan", extra(), THREE, HOLES, since=(1, 6)),
        Case("extra_regressor", extra_regressor(), NUMBERS),
        Case("isolation_auto", isolation(n_estimators=8, **AUTO), None, main=True),
        Case("isolation_contamination", isolation(**TENTH), None),
        Case("isolation_some_features", isolation(max_features=0.5, **AUTO), None),
        Case("isolation_pandas", isolation(**TENTH), None, "frame", since=(1, 0)),
    ]


def forest_with_random_state():
    return RandomForestClassifier(n_estimators=3, max_depth=3, random_state=np.random.RandomState(0))


def linear_cases():
    multi = {"since": (0, 20), "until": (1, 7)}  # the parameter multi_class is gone since 1.8
    return [
        Case("logistic_binary", logistic(solver="lbfgs"), main=True),
        Case("logistic_defaults", LogisticRegression),
        Case("logistic_strings", logistic(solver="lbfgs"), STRINGS),
        Case("logistic_bools", logistic(solver="lbfgs"), TWO == 1),
        Case("logistic_liblinear", logistic(solver="liblinear")),
        Case("logistic_l1", logistic(solver="liblinear", penalty="l1", C=0.1)),
        Case("logistic_small_c", logistic(solver="lbfgs", C=0.001), STRINGS),
        Case("logistic_balanced", logistic(solver="lbfgs", class_weight="balanced"), STRINGS),
        Case("logistic_no_intercept", logistic(solver="lbfgs", fit_intercept=False)),
        Case("logistic_liblinear_no_intercept", logistic(solver="liblinear", fit_intercept=False)),
        Case("logistic_3class", logistic(solver="lbfgs"), STRINGS3),
        Case("logistic_3class_multinomial", logistic(solver="lbfgs", multi_class="multinomial"), THREE, main=True, **multi),
        Case("logistic_3class_ovr", logistic(solver="lbfgs", multi_class="ovr"), THREE, **multi),
        Case("logistic_3class_auto", logistic(solver="newton-cg", multi_class="auto"), THREE, **multi),
        Case("logistic_3class_liblinear", logistic(solver="liblinear"), THREE, until=(1, 7)),
        Case("logistic_binary_multinomial", logistic(solver="lbfgs", multi_class="multinomial"), STRINGS, **multi),
        Case("logistic_binary_ovr", logistic(solver="lbfgs", multi_class="ovr"), STRINGS, **multi),
        Case("logistic_pandas", logistic(solver="lbfgs"), STRINGS, "frame", since=(1, 0)),
        Case("linear_regression", LinearRegression, NUMBERS, main=True),
        Case("linear_no_intercept", maker(LinearRegression, fit_intercept=False)(), NUMBERS),
        Case("linear_column", LinearRegression, NUMBERS.reshape(-1, 1)),
        Case("linear_float32", LinearRegression, NUMBERS.astype(np.float32), X.astype(np.float32)),
    ]


def pipeline_cases():
    constant = X.copy()
    constant[:, 2] = 3.25  # a column without spread: its scale is 1

    def pipe(*steps):
        return lambda: make_pipeline(*[step() for step in steps])

    def named(*steps):
        return lambda: Pipeline([(name, step() if callable(step) else step) for name, step in steps])

    lbfgs = logistic(solver="lbfgs")
    return [
        Case("pipeline_standard_logistic", named(("scale", StandardScaler), ("model", lbfgs)), STRINGS),
        Case("pipeline_minmax_forest", pipe(MinMaxScaler, forest()), STRINGS3),
        Case("pipeline_no_mean", pipe(maker(StandardScaler, with_mean=False)(), lbfgs), THREE),
        Case("pipeline_no_std", pipe(maker(StandardScaler, with_std=False)(), LinearRegression), NUMBERS),
        Case("pipeline_neither", pipe(maker(StandardScaler, with_mean=False, with_std=False)(), LinearRegression), NUMBERS),
        Case("pipeline_minmax_range", pipe(maker(MinMaxScaler, feature_range=(-2, 3))(), lbfgs)),
        Case("pipeline_minmax_clip", pipe(maker(MinMaxScaler, clip=True)(), lbfgs), since=(0, 24)),
        Case("pipeline_constant_column", pipe(StandardScaler, MinMaxScaler, lbfgs), TWO, constant),
        Case("pipeline_isolation", pipe(StandardScaler, isolation(**AUTO)), None),
        Case("pipeline_tree_only", pipe(tree())),
        Case("pipeline_passthrough", named(("off", "passthrough"), ("model", tree())), since=(0, 21)),
        Case("pipeline_nested", named(("prepare", pipe(StandardScaler, MinMaxScaler)), ("model", lbfgs))),
        Case("pipeline_pandas", pipe(StandardScaler, forest()), STRINGS, "frame", since=(1, 0)),
    ]


# ---- what is written ----

def last(model):
    return model.steps[-1][1] if isinstance(model, Pipeline) else model


def trees_of(model):
    """Every fitted tree of an estimator, with the column of the input that each of its features is."""
    if isinstance(model, Pipeline):
        return [t for _, step in model.steps for t in trees_of(step)]
    if hasattr(model, "tree_"):
        return [(model, np.arange(X.shape[1]))]
    found = []
    for i, e in enumerate(getattr(model, "estimators_", [])):
        columns = getattr(model, "estimators_features_", None)
        found += [(t, c if columns is None else np.asarray(columns[i])[c]) for t, c in trees_of_one(e)]
    return found


def trees_of_one(e):
    return [(t, np.arange(t.tree_.n_features)) for t in (np.ravel(e) if isinstance(e, np.ndarray) else [e])]


def clean(model):
    """Sets the unused bytes between the fields of a tree's nodes to 0, as they are whatever the memory held."""
    for owner, _ in trees_of(model):
        cls, args, state = owner.tree_.__reduce__()
        nodes = np.zeros(state["nodes"].shape, state["nodes"].dtype)  # zeros_like leaves the gaps alone
        for field in nodes.dtype.names:
            nodes[field] = state["nodes"][field]
        if "missing_go_to_left" in nodes.dtype.names:
            nodes["missing_go_to_left"][nodes["left_child"] < 0] = 0
        twin = cls(*args)
        twin.__setstate__(dict(state, nodes=nodes))
        owner.tree_ = twin


def edges(model, most):
    """Rows that sit on thresholds: four for each of most thresholds."""
    if isinstance(model, Pipeline) and len(model.steps) > 1:
        return np.empty((0, 4))
    splits = []
    for owner, columns in trees_of(model):
        t = owner.tree_
        # Data with NaN gives thresholds of +Inf too, which split the missing from the rest.
        splits += [(columns[f], v) for f, v, left in zip(t.feature, t.threshold, t.children_left)
                   if left >= 0 and np.isfinite(v)]
    if len(splits) > most:
        splits = [splits[i] for i in np.linspace(0, len(splits) - 1, most).astype(int)]
    rows = []
    for i, (feature, threshold) in enumerate(splits):
        near = np.float32(threshold)
        below, above = np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))
        for value in (threshold, near, below, above):
            row = TEST[i].copy()
            row[feature] = value
            rows.append(row)
    return np.array(rows).reshape(-1, 4)


def plain(value):
    """Arrays and numpy scalars as what json writes; NaN as None."""
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    return value


def answers(model, rows, prefix=""):
    got = {prefix + "input": plain(rows)}
    x = frame(rows) if hasattr(model, "feature_names_in_") else rows
    predicted = np.asarray(model.predict(x))
    got[prefix + "predict"] = plain(predicted.ravel())
    for method in ("predict_proba", "decision_function"):
        if hasattr(model, method):
            got[prefix + method] = plain(getattr(model, method)(x))
    return got


def takes_nan(model):
    row = TEST[:2].copy()
    row[1, 0] = np.nan
    try:
        model.predict(frame(row) if hasattr(model, "feature_names_in_") else row)
    except ValueError:
        return False
    return True


def versions(protocol):
    return {"sklearn": sklearn.__version__, "numpy": np.__version__, "joblib": joblib.__version__,
            "python": "%d.%d" % sys.version_info[:2], "protocol": protocol}


def describe(model, rows, few_edges, protocol):
    at_edges = edges(model, few_edges)
    out = {"estimator": type(last(model)).__name__}
    out.update(versions(protocol))
    out.update(answers(model, np.concatenate([rows, at_edges])))
    out["edge_rows"] = len(at_edges)
    if hasattr(model, "classes_"):
        out["classes"] = plain(model.classes_)
    if hasattr(model, "feature_names_in_"):
        out["feature_names"] = plain(model.feature_names_in_)
    out["nan_accepted"] = takes_nan(model)
    if out["nan_accepted"]:
        out.update(answers(model, NAN_TEST, "nan_"))
    return out


def write_json(path, value):
    """One key a line, so that a change can be read."""
    lines = ['"%s": %s' % (k, json.dumps(v, separators=(",", ":"), allow_nan=False)) for k, v in sorted(value.items())]
    with io.open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write(u"{\n" + u",\n".join(lines) + u"\n}\n")


def write_case(folder, case):
    if isinstance(case.x, str):
        case.x = frame(X)
    model = case.fitted()
    clean(model)
    path = os.path.join(folder, case.name)
    joblib.dump(model, path + ".joblib", compress=0 if case.main else ("zlib", 9))
    rows, thresholds = (TEST, EDGES) if case.main else (TEST[:FEW_ROWS], FEW_EDGES)
    write_json(path + ".json", describe(joblib.load(path + ".joblib"), rows, thresholds, pickle.DEFAULT_PROTOCOL))


def write_codecs(folder):
    """One forest in every compression and protocol, as joblib and as a plain pickle."""
    model = forest(n_estimators=3, max_depth=3)().fit(X, STRINGS3.astype(object))
    clean(model)

    def described(name, protocol):
        write_json(os.path.join(folder, name + ".json"), describe(model, TEST[:8], 1, protocol))
        return os.path.join(folder, name + ".joblib")

    for method in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        path = described("codec_joblib_" + method, pickle.DEFAULT_PROTOCOL)
        joblib.dump(model, path, compress=(method, 3))
        if method == "gzip":
            forget_time(path)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        joblib.dump(model, described("codec_joblib_protocol%d" % protocol, protocol), protocol=protocol)
        with open(described("codec_pickle_protocol%d" % protocol, protocol), "wb") as f:
            pickle.dump(model, f, protocol)
    path = described("codec_pickle_gzip", 4)
    with open(path, "wb") as f:
        f.write(gzip.compress(pickle.dumps(model, 4)))
    forget_time(path)


def forget_time(path):
    """Sets the time in a gzip file's header to 0 (RFC 1952, MTIME), so that the bytes stay the same."""
    with open(path, "r+b") as f:
        f.seek(4)
        f.write(b"\0\0\0\0")


# ---- what must be refused ----

class AlwaysOne(object):
    """An estimator of somebody's own module, which no reader can know."""

    def __init__(self):
        self.limit = 0.5

    def predict(self, rows):
        return np.ones(len(rows))


def own_module():
    module = types.ModuleType("company_models")
    AlwaysOne.__module__ = "company_models"
    module.AlwaysOne = AlwaysOne
    sys.modules["company_models"] = module


def refused_cases():
    own_module()
    several = []
    if VERSION in ((1, 2), (1, 9)):  # the first that stacks for several labels, and the newest
        from sklearn.ensemble import StackingClassifier
        shallow = DecisionTreeClassifier(max_depth=2, random_state=1)
        stack = StackingClassifier([("tree", shallow)], shallow, cv=2).fit(X, np.column_stack([TWO, X[:, 1] > 0]).astype(int))
        several = [("refuse_stack_labels", stack, None, "it has several outputs")]
    return several + [
        ("refuse_custom_class", AlwaysOne(), None, None),
        ("refuse_unfitted", LogisticRegression(), None, "it was never fitted"),
        ("refuse_array", X[:3], X, "the top level is not an estimator"),
    ]


def full_name(value):
    cls = type(value)
    return cls.__name__ if cls.__module__ == "builtins" else "%s.%s" % (cls.__module__, cls.__name__)


def globals_of(path):
    """Every global that unpickling the file asks for, in order, as module.name."""
    from_joblib = inspect.getmodule(joblib.dump)
    seen = []

    class Watching(from_joblib.NumpyUnpickler):
        def find_class(self, module, name):
            if module + "." + name not in seen:
                seen.append(module + "." + name)
            return super(Watching, self).find_class(module, name)

    old, from_joblib.NumpyUnpickler = from_joblib.NumpyUnpickler, Watching
    try:
        joblib.load(path)
    finally:
        from_joblib.NumpyUnpickler = old
    return seen


def write_refused(folder):
    def described(name, refused, reason, protocol=pickle.DEFAULT_PROTOCOL):
        path = os.path.join(folder, name)
        out = dict(versions(protocol), refused=refused, globals=globals_of(path + ".joblib"))
        if reason:
            out["reason"] = reason
        write_json(path + ".json", out)

    for name, model, culprit, reason in refused_cases():
        clean(model)
        joblib.dump(model, os.path.join(folder, name + ".joblib"), compress=("zlib", 9))
        described(name, full_name(model if culprit is None else culprit), reason)

    # A lambda needs cloudpickle; sklearn's own pickle of it fails.
    if VERSION >= (0, 22):
        try:
            from joblib.externals import cloudpickle
        except ImportError:  # joblib 1.6 no longer brings a copy along
            import cloudpickle
        # Compiled here, so that the file carries neither this file's path nor a line number.
        double = eval(compile("lambda x: x * 2", "models.py", "eval"), {"__name__": "models"})
        model = make_pipeline(FunctionTransformer(double), LogisticRegression(solver="lbfgs")).fit(X, TWO)
        with open(os.path.join(folder, "refuse_lambda.joblib"), "wb") as f:
            f.write(cloudpickle.dumps(model, protocol=4))
        described("refuse_lambda", full_name(model.steps[0][1]), "it holds a function", 4)


def main():
    folder = os.path.join(sys.argv[1], sklearn.__version__)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    for case in tree_cases() + forest_cases() + linear_cases() + pipeline_cases():
        if case.here:
            write_case(folder, case)
    if VERSION in CODEC_VERSIONS:
        write_codecs(folder)
    write_refused(folder)


if __name__ == "__main__":
    main()
