"""The zoo's estimators made of estimators: boosting, bagging, voting, calibration, searches."""

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from zoo import Case, K, LeftOut, VERSION
from zoo_data import (
    BOTH, LABELS, NAMED, NUMBERS, POSITIVE, PRICE, STRINGS, STRINGS3, SURVIVED, TARGETS, THREE, TRAIN, TWO)
from zoo_estimators import passes

# Categories that lie between others: no threshold parts them, sets of them do.
SPLIT = np.array([row[0] in (2, 8) or row[2] == 1 and row[0] == 3 for row in TRAIN["codes"]]).astype(np.int64)
DEVIANCE = "deviance" if VERSION < (1, 1) else "log_loss"
LEAST = "ls" if VERSION < (1, 0) else "squared_error"
LEAST_ABS = "lad" if VERSION < (1, 0) else "absolute_error"
BASE = "base_estimator" if VERSION < (1, 2) else "estimator"


def stump(depth=2):
    return K.DecisionTreeClassifier(max_depth=depth, random_state=1)


def stump_regressor(depth=2):
    return K.DecisionTreeRegressor(max_depth=depth, random_state=1)


def logistic(**kw):
    return K.LogisticRegression(**dict({"solver": "liblinear" if VERSION < (1, 6) else "lbfgs"}, **kw))


def scaled(model):
    return make_pipeline(K.StandardScaler(), model)


def boosting():
    few = {"n_estimators": 5, "max_depth": 2, "random_state": 1}

    def classifier(name, y, main=False, x="numbers", since=(0, 0), weights=False, **kw):
        return Case("boosting_" + name, lambda: K.GradientBoostingClassifier(**dict(few, **kw)), y, x, main=main, since=since, weights=weights,
                    single=name == "logistic")

    def regressor(name, main=False, since=(0, 0), **kw):
        return Case("boosting_regressor_" + name, lambda: K.GradientBoostingRegressor(**dict(few, **kw)), NUMBERS, main=main, since=since,
                    exact=name != "linear", single=name == "linear")

    return [
        classifier("binary", STRINGS, True), classifier("3class", STRINGS3, True), classifier("deviance", TWO, loss=DEVIANCE),
        classifier("exponential", STRINGS, True, loss="exponential"),
        classifier("subsample", THREE, subsample=0.5, max_features=2),
        classifier("zero", TWO, init="zero", since=(0, 21)), classifier("zero_3class", THREE, init="zero", since=(0, 21)),
        classifier("dummy", THREE, init=K.DummyClassifier(strategy="prior"), since=(0, 21)),
        classifier("logistic", TWO, init=logistic(), since=(0, 21)),
        classifier("early", TWO, n_iter_no_change=2, n_estimators=8, since=(0, 20)),
        classifier("weights", THREE, weights=True), classifier("one_tree", TWO, n_estimators=1, learning_rate=0.5),
        classifier("bools", TWO == 1),
        regressor("plain", True), regressor("absolute", loss=LEAST_ABS), regressor("huber", True, loss="huber"),
        regressor("quantile", loss="quantile", alpha=0.8), regressor("squared", loss=LEAST, learning_rate=0.3),
        regressor("zero", init="zero", since=(0, 21)), regressor("dummy", init=K.DummyRegressor(strategy="median"), since=(0, 21)),
        regressor("linear", init=K.LinearRegression(), since=(0, 21)),
    ]


def histograms():
    few = {"max_iter": 4, "max_leaf_nodes": 5, "min_samples_leaf": 5, "random_state": 1}

    def hist(name, y, main=False, kind="Classifier", x="numbers", since=(0, 21), **kw):
        feed = kw.pop("feed", "array")
        return Case("hist_" + name, lambda: getattr(K, "HistGradientBoosting" + kind)(**dict(few, **kw)), y, x, feed=feed, main=main, since=since,
                    exact=kind == "Regressor" and name not in ("regressor_poisson", "regressor_gamma"))

    def regressor(name, y=NUMBERS, main=False, **kw):
        return hist("regressor_" + name, y, main, "Regressor", **kw)

    return [
        hist("binary", STRINGS, True), hist("3class", STRINGS3, True), hist("holes", STRINGS3, True, x="holes", since=(0, 22)),
        hist("holes_binary", TWO, x="holes", since=(0, 22)),
        hist("mask", THREE, True, since=(0, 24), categorical_features=[False, False, False, True]),
        hist("index", TWO, since=(0, 24), categorical_features=[3]),
        hist("categories_holes", THREE, x="holes", since=(0, 24), categorical_features=[3]),
        hist("names", STRINGS, True, since=(1, 2), feed="frame", categorical_features=["kind"]),
        hist("monotonic", TWO, since=(0, 23), monotonic_cst=[1, 0, 0, 0]),
        hist("early", TWO, since=(0, 23), early_stopping=True, max_iter=8, n_iter_no_change=2),
        hist("l2", THREE, l2_regularization=3.0, learning_rate=0.3),
        hist("bools", TWO == 1), hist("interaction", TWO, since=(1, 2), interaction_cst=[[0, 1], [2, 3]]),
        hist("codes", SPLIT, True, x="codes", since=(0, 24), categorical_features=[0, 2], max_leaf_nodes=8),
        hist("codes_3class", (SPLIT + THREE % 2), x="codes", since=(0, 24), categorical_features=[True, False, True]),
        hist("codes_holes", SPLIT, x="holes_codes", since=(0, 24), categorical_features=[0]),
        hist("dtype", SURVIVED, True, x="mixed", feed="categories", since=(1, 4), categorical_features="from_dtype"),
        hist("dtype_holes", SURVIVED, True, x="mixed_holes", feed="categories", since=(1, 4), categorical_features="from_dtype"),
        hist("dtype_names", SURVIVED, x="mixed", feed="frame", since=(1, 4), categorical_features=["sex", "city"]),
        regressor("codes", NUMBERS + 3 * SPLIT, x="codes", since=(0, 24), categorical_features=[0, 2], max_leaf_nodes=8, main=True),
        regressor("dtype", PRICE, x="mixed", feed="categories", since=(1, 4), categorical_features="from_dtype"),
        regressor("plain", main=True), regressor("holes", x="holes", main=True, since=(0, 22)),
        regressor("absolute", loss="least_absolute_deviation" if VERSION < (1, 0) else "absolute_error", since=(0, 23)),
        regressor("poisson", POSITIVE, True, loss="poisson", since=(0, 23)), regressor("gamma", POSITIVE, loss="gamma", since=(1, 3)),
        regressor("quantile", loss="quantile", quantile=0.7, since=(1, 1)),
        regressor("categories", since=(0, 24), categorical_features=[3]),
    ]


def adaptive():
    cases = []
    for algorithm in ("SAMME", "SAMME.R"):
        # Named where it can be named; SAMME is all there is since 1.6.
        if algorithm == "SAMME" and VERSION >= (1, 6):
            kw = {}
        elif VERSION >= (1, 6):
            continue
        else:
            kw = {"algorithm": algorithm}
        name = "ada_" + algorithm.lower().replace(".", "_")
        few = dict(kw, n_estimators=4, random_state=1)
        cases += [
            Case(name + "_binary", lambda few=few: K.AdaBoostClassifier(**few), STRINGS, main=True),
            Case(name + "_3class", lambda few=few: K.AdaBoostClassifier(**dict(few, **{BASE: stump()})), STRINGS3, main=True),
            Case(name + "_rate", lambda few=few: K.AdaBoostClassifier(learning_rate=0.3, **few), THREE),
            Case(name + "_bayes", lambda few=few: K.AdaBoostClassifier(**dict(few, **{BASE: K.GaussianNB()})), THREE),
        ]
        cases.append(Case(name + "_one", lambda few=few: K.AdaBoostClassifier(**dict(few, n_estimators=1)), TWO))
    for loss in ("linear", "square", "exponential"):
        cases.append(Case("ada_regressor_" + loss, lambda loss=loss: K.AdaBoostRegressor(
            **{"n_estimators": 4, "random_state": 1, "loss": loss, BASE: stump_regressor(3)}), NUMBERS, main=loss == "linear", exact=True))
    return cases


def bagging():
    def bag(name, base, y, main=False, kind="BaggingClassifier", exact=False, **kw):
        few = dict({"n_estimators": 3, "random_state": 1}, **kw)
        return Case("bagging_" + name, lambda: getattr(K, kind)(**dict(few, **({BASE: base()} if base else {}))), y, main=main, exact=exact)
    shallow = {"max_samples": 0.4}
    return [
        bag("plain", None, STRINGS3, True, **shallow), bag("stumps", stump, STRINGS),
        bag("features", stump, THREE, True, max_features=0.5), bag("features_bootstrap", stump, THREE, max_features=3, bootstrap_features=True),
        bag("perceptron", lambda: K.Perceptron(random_state=1, **passes(5)), THREE),
        bag("logistic", logistic, STRINGS3, max_features=2), bag("pipeline", lambda: scaled(logistic()), TWO),
        bag("oob", stump, TWO, oob_score=True, n_estimators=12), bag("knn", lambda: K.KNeighborsClassifier(n_neighbors=3), TWO, max_samples=0.2),
        bag("regressor", lambda: stump_regressor(3), NUMBERS, True, "BaggingRegressor", exact=True),
        bag("regressor_features", lambda: stump_regressor(3), NUMBERS, True, "BaggingRegressor", exact=True, max_features=0.5),
        bag("regressor_linear", lambda: K.LinearRegression(), NUMBERS, False, "BaggingRegressor"),
    ]


def votes():
    def three():
        return [("tree", stump(3)), ("bayes", K.GaussianNB()), ("linear", logistic())]

    def regressors():
        return [("tree", stump_regressor(3)), ("linear", K.LinearRegression()), ("ridge", K.Ridge(alpha=50))]

    def vote(name, y, main=False, **kw):
        return Case("voting_" + name, lambda: K.VotingClassifier(three(), **kw), y, main=main)

    def stack(name, y, main=False, **kw):
        return Case("stacking_" + name, lambda: K.StackingClassifier(three(), cv=3, **dict({"final_estimator": logistic()}, **kw)), y, main=main, since=(0, 22))

    def dropped(**kw):
        if VERSION < (0, 24):
            raise LeftOut("nothing is dropped by a word")
        return K.VotingClassifier(three()[:2] + [("gone", "drop")], **kw)

    def prefit():
        parts = [(n, e.fit(*TRAINING)) for n, e in three()]
        return K.StackingClassifier(parts, final_estimator=logistic(), cv="prefit")

    return [
        vote("hard", STRINGS3, True), vote("soft", STRINGS3, True, voting="soft"), vote("hard_binary", TWO),
        vote("soft_binary", STRINGS, voting="soft"), vote("hard_weights", THREE, weights=[1, 2, 3.5]),
        vote("soft_weights", THREE, voting="soft", weights=[0.5, 1, 2]), vote("flat", THREE, voting="soft", flatten_transform=False),
        vote("bools", TWO == 1),
        Case("voting_dropped", lambda: dropped(voting="soft"), STRINGS),
        Case("voting_pipelines", lambda: K.VotingClassifier([("a", scaled(logistic())), ("b", stump()), ("c", scaled(K.SVC(
            gamma=0.2, probability=True, random_state=1)))], voting="soft"), STRINGS, small=50),
        Case("voting_regressor", lambda: K.VotingRegressor(regressors()), NUMBERS, main=True),
        Case("voting_regressor_weights", lambda: K.VotingRegressor(regressors(), weights=[1, 2, 0.5]), NUMBERS),
        stack("binary", STRINGS, True), stack("3class", STRINGS3, True), stack("passthrough", THREE, passthrough=True),
        stack("predict", THREE, stack_method="predict"), stack("tree", TWO, final_estimator=stump()),
        Case("stacking_decision", lambda: K.StackingClassifier(
            [("svc", K.LinearSVC(random_state=1)), ("ridge", K.RidgeClassifier())], final_estimator=logistic(), cv=3), STRINGS3),
        Case("stacking_prefit", prefit, TWO, since=(1, 1)),
        Case("stacking_regressor", lambda: K.StackingRegressor(regressors(), final_estimator=K.Ridge(), cv=3), NUMBERS, main=True),
        Case("stacking_regressor_passthrough", lambda: K.StackingRegressor(regressors(), cv=3, passthrough=True), NUMBERS),
    ]


TRAINING = None, None  # set below: what prefit parts are trained on


def calibrated():
    def calibrate(name, base, y, main=False, **kw):
        def make():
            return K.CalibratedClassifierCV(base(), **dict({"cv": 3}, **kw))
        return Case("calibrated_" + name, make, y, main=main)

    def prefit(method="sigmoid"):
        fitted = logistic().fit(*TRAINING)
        if VERSION >= (1, 6):
            from sklearn.frozen import FrozenEstimator
            return K.CalibratedClassifierCV(FrozenEstimator(fitted), method=method)
        return K.CalibratedClassifierCV(fitted, method=method, cv="prefit")

    def svc():
        return K.LinearSVC(random_state=1)
    return [
        calibrate("sigmoid", svc, STRINGS, True), calibrate("sigmoid_3class", svc, STRINGS3, True),
        calibrate("isotonic", svc, STRINGS, True, method="isotonic"), calibrate("isotonic_3class", K.GaussianNB, THREE, True, method="isotonic"),
        calibrate("one", svc, STRINGS, True, ensemble=False), calibrate("one_isotonic_3class", svc, THREE, ensemble=False, method="isotonic"),
        calibrate("bayes", K.GaussianNB, TWO), calibrate("forest", lambda: K.RandomForestClassifier(n_estimators=3, max_depth=3, random_state=1), THREE),
        calibrate("pipeline", lambda: scaled(svc()), STRINGS3), calibrate("temperature", svc, THREE, method="temperature") if VERSION >= (1, 8) else
        calibrate("bools", svc, TWO == 1),
        calibrate("sgd", lambda: scaled(K.SGDClassifier(random_state=1, **passes(5))), TWO),
        Case("calibrated_prefit", prefit, TWO, main=True), Case("calibrated_prefit_isotonic", lambda: prefit("isotonic"), TWO),
    ]


def several():
    rest = K.OneVsRestClassifier
    one, multi, multi_regressor = K.OneVsOneClassifier, K.MultiOutputClassifier, K.MultiOutputRegressor

    def svc():
        return K.LinearSVC(random_state=1)

    def chain(**kw):
        return K.ClassifierChain(logistic(), **kw)
    return [
        Case("rest_logistic", lambda: rest(logistic()), STRINGS3, main=True), Case("rest_svc", lambda: rest(svc()), THREE, main=True),
        Case("rest_binary", lambda: rest(logistic()), STRINGS), Case("rest_binary_svc", lambda: rest(svc()), TWO),
        Case("rest_labels", lambda: rest(logistic()), LABELS, main=True), Case("rest_labels_svc", lambda: rest(svc()), LABELS),
        Case("rest_constant_label", lambda: rest(logistic()), np.column_stack([LABELS, LABELS[:, 0] * 0 + 1])),
        Case("rest_tree", lambda: rest(stump(3)), STRINGS3), Case("rest_scaled", lambda: scaled(rest(K.SVC(gamma=0.2))), THREE, small=50),
        Case("one_svc", lambda: one(svc()), STRINGS3, main=True), Case("one_logistic", lambda: one(logistic()), THREE),
        Case("one_binary", lambda: one(logistic()), TWO), Case("one_tree", lambda: one(stump(3)), np.digitize(NUMBERS, [-2, -0.5, 0.5, 2])),
        Case("code", lambda: K.OutputCodeClassifier(logistic(), random_state=1), THREE),
        Case("multi_logistic", lambda: multi(logistic()), TARGETS, main=True), Case("multi_tree", lambda: multi(stump(3)), LABELS),
        Case("multi_named", lambda: multi(stump(3)), NAMED, since=(0, 20)), Case("multi_svc", lambda: multi(svc()), TARGETS),
        Case("multi_pipeline", lambda: scaled(multi(K.KNeighborsClassifier(n_neighbors=3))), TARGETS, small=40),
        Case("multi_forest", lambda: multi(K.RandomForestClassifier(n_estimators=2, max_depth=3, random_state=1)), TARGETS),
        Case("multi_regressor", lambda: multi_regressor(K.Ridge()), BOTH, main=True),
        Case("multi_regressor_boosting", lambda: multi_regressor(K.GradientBoostingRegressor(n_estimators=3, max_depth=2, random_state=1)), BOTH),
        Case("chain", lambda: chain(), LABELS), Case("chain_order", lambda: chain(order=[2, 0, 1]), LABELS),
        Case("chain_regressor", lambda: K.RegressorChain(K.Ridge()), BOTH),
    ]


def targets():
    def target(name, make, main=False, y=POSITIVE, since=(0, 20)):
        return Case("target_" + name, make, y, main=main, since=since)
    both = np.column_stack([POSITIVE, POSITIVE[::-1]])
    return [
        target("log", lambda: K.TransformedTargetRegressor(K.LinearRegression(), func=np.log, inverse_func=np.exp), True),
        target("log1p", lambda: K.TransformedTargetRegressor(K.Ridge(), func=np.log1p, inverse_func=np.expm1), True),
        target("sqrt", lambda: K.TransformedTargetRegressor(stump_regressor(3), func=np.sqrt, inverse_func=np.square)),
        target("scaler", lambda: K.TransformedTargetRegressor(K.Ridge(), transformer=K.StandardScaler()), True),
        target("minmax", lambda: K.TransformedTargetRegressor(K.LinearSVR(random_state=1), transformer=K.MinMaxScaler())),
        target("robust", lambda: K.TransformedTargetRegressor(K.Ridge(), transformer=K.RobustScaler())),
        target("outputs", lambda: K.TransformedTargetRegressor(K.Ridge(), transformer=K.StandardScaler()), y=both),
        target("power", lambda: K.TransformedTargetRegressor(K.Ridge(), transformer=K.PowerTransformer())),
        target("quantile", lambda: K.TransformedTargetRegressor(stump_regressor(2), transformer=K.QuantileTransformer(n_quantiles=20))),
        target("identity", lambda: K.TransformedTargetRegressor(K.Ridge())),
        target("pipeline", lambda: K.TransformedTargetRegressor(scaled(K.Ridge()), func=np.log1p, inverse_func=np.expm1)),
    ]


def searches():
    folds = {"cv": 3}
    if (0, 20) <= VERSION < (0, 22):
        folds["iid"] = False

    def grid(name, model, params, y, main=False, **kw):
        return Case("grid_" + name, lambda: K.GridSearchCV(model(), params, **dict(folds, **kw)), y, main=main)

    def piped():
        return Pipeline([("scale", K.StandardScaler()), ("model", logistic())])

    def random():
        return K.RandomizedSearchCV(K.RandomForestClassifier(max_depth=3, random_state=1), {"n_estimators": [2, 3, 4], "max_features": [1, 2, None]},
                                    n_iter=3, random_state=1, **folds)
    return [
        grid("pipeline", piped, {"model__C": [0.1, 1, 10]}, STRINGS, True),
        grid("tree", stump, {"max_depth": [1, 2, 3]}, STRINGS3, True),
        grid("svc", lambda: K.SVC(gamma=0.1), {"C": [0.5, 5], "kernel": ["rbf", "linear"]}, THREE),
        grid("ridge", lambda: K.Ridge(), {"alpha": [0.1, 1, 10]}, NUMBERS, True),
        grid("scoring", piped, {"model__C": [0.1, 1]}, TWO, scoring="f1_macro", return_train_score=True),
        grid("several_scores", piped, {"model__C": [0.1, 1]}, TWO, scoring={"a": "accuracy", "f": "f1"}, refit="f") if VERSION >= (0, 19) else
        grid("score", piped, {"model__C": [0.1, 1]}, TWO, scoring="accuracy"),
        grid("steps", piped, {"scale": [K.MinMaxScaler(), K.StandardScaler()]}, STRINGS),
        Case("random_forest", random, STRINGS3, main=True),
        Case("random_in_pipeline", lambda: make_pipeline(K.StandardScaler(), K.RandomizedSearchCV(
            logistic(), {"C": [0.1, 1, 10]}, n_iter=2, random_state=1, **folds)), THREE),
        Case("grid_in_voting", lambda: K.VotingClassifier([("grid", K.GridSearchCV(stump(), {"max_depth": [1, 2]}, **folds)),
                                                           ("bayes", K.GaussianNB())], voting="soft"), TWO),
        Case("grid_transformers", lambda: K.GridSearchCV(Pipeline([
            ("features", FeatureUnion([("pca", K.PCA(n_components=2)), ("best", K.SelectKBest(k=1))])), ("model", K.LinearSVC(random_state=1))]),
            {"features__best__k": [1, 2]}, **folds), STRINGS),
        Case("halving", lambda: halving(), THREE, since=(0, 24)),
    ]


def halving():
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV
    return HalvingGridSearchCV(stump(), {"max_depth": [1, 2, 3]}, cv=3, random_state=1)


def cases():
    global TRAINING
    from zoo_data import X
    TRAINING = X[:100], TWO[:100]
    found = []
    for group in (boosting, histograms, adaptive, bagging, votes, calibrated, several, targets, searches):
        found += group()
    return found
