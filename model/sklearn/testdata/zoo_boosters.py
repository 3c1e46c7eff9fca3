"""The zoo's models of XGBoost and LightGBM, alone and as a part of scikit-learn's."""

import importlib

import numpy as np
from sklearn.pipeline import make_pipeline

from zoo import Case, K, LeftOut, VERSION
from zoo_data import COUNT_CLASSES, LABELS, NUMBERS, POSITIVE, PRICE, SPAM, STRINGS, STRINGS3, SURVIVED, THREE, TWO
from zoo_text import text
from zoo_transformers import filled, logistic

FEW = {"n_estimators": 4, "max_depth": 3, "random_state": 1, "n_jobs": 1}


def library(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        raise LeftOut("no " + name)


def lightgbm():
    def make(kind="Classifier", **kw):
        return getattr(library("lightgbm"), "LGBM" + kind)(**dict(FEW, min_child_samples=5, verbosity=-1, **kw))
    return make


def xgboost():
    def make(kind="Classifier", **kw):
        quiet = {} if VERSION > (1, 0) else {"silent": True}
        return getattr(library("xgboost"), "XGB" + kind)(**dict(FEW, **dict(quiet, **kw)))
    return make


def both(prefix, make, single, labels):
    """labels: the classes may be texts."""
    def case(name, model, y, x="numbers", **kw):
        return Case(prefix + name, model, y, x, single=single, **kw)
    two, three = (STRINGS, STRINGS3) if labels else (TWO, THREE)
    texts = {"x": "mixed_holes", "feed": "frame"}
    return [
        case("binary", lambda: make(), two, main=True), case("3class", lambda: make(), three, main=True), case("regressor", lambda: make("Regressor"), NUMBERS, main=True),
        case("holes", lambda: make(), three, "holes", main=True), case("frame", lambda: make("Regressor"), NUMBERS, feed="frame"),
        case("pipeline", lambda: make_pipeline(K.StandardScaler(), make()), THREE, main=True),
        case("columns", lambda: make_pipeline(filled(), make()), SURVIVED, main=True, **texts), case("columns_regressor", lambda: make_pipeline(filled(), make("Regressor")), PRICE, **texts),
        case("voting", lambda: K.VotingClassifier([("a", make()), ("b", logistic())], voting="soft"), three),
        case("stacking", lambda: K.StackingClassifier([("a", make()), ("b", logistic())], logistic(), cv=3), TWO),
        case("grid", lambda: K.GridSearchCV(make(), {"n_estimators": [2, 4]}, cv=3), three), case("calibrated", lambda: K.CalibratedClassifierCV(make(), cv=3), TWO),
        case("several", lambda: K.MultiOutputClassifier(make()), LABELS, wild=False), case("target", lambda: K.TransformedTargetRegressor(make("Regressor"), func=np.log1p, inverse_func=np.expm1), POSITIVE),
    ]


def cases():
    light, extreme = lightgbm(), xgboost()
    texts = dict(wild=False, main=True)
    return both("lightgbm_", light, False, True) + both("xgboost_", extreme, True, VERSION < (1, 0)) + [
        Case("lightgbm_categories", lambda: light(cat_smooth=1, min_data_per_group=2, max_cat_to_onehot=2), SURVIVED, "mixed", feed="categories", since=(1, 0), **texts),
        Case("lightgbm_forest", lambda: light(boosting_type="rf", subsample_freq=1, subsample=0.6), THREE), Case("lightgbm_dart", lambda: light("Regressor", boosting_type="dart"), NUMBERS),
        Case("lightgbm_poisson", lambda: light("Regressor", objective="poisson"), POSITIVE), Case("lightgbm_counts", lambda: light(), COUNT_CLASSES, "counts"),
        # XGBoost 3.1 is the first that stores texts, and cuts those that are not of ASCII at the wrong places.
        Case("xgboost_categories", lambda: extreme(enable_categorical=True, tree_method="hist", max_cat_to_onehot=2), SURVIVED, "mixed_ascii", feed="categories_ascii", since=(1, 9), single=True, **texts),
        Case("xgboost_forest", lambda: extreme("RFClassifier"), THREE, single=True), Case("xgboost_forest_regressor", lambda: extreme("RFRegressor"), NUMBERS, single=True),
        Case("xgboost_linear", lambda: extreme("Regressor", booster="gblinear"), NUMBERS, single=True),
        Case("xgboost_poisson", lambda: extreme("Regressor", objective="count:poisson"), POSITIVE, single=True),
        text("model_lightgbm", lambda: make_pipeline(K.TfidfVectorizer(), light()), SPAM), text("model_xgboost", lambda: make_pipeline(K.TfidfVectorizer(), extreme()), SPAM, single=True),
    ]
