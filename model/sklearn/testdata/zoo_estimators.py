"""The zoo's single estimators: linear, kernel machines, Bayes, networks, neighbours, clusters, trees."""

import numpy as np
from sklearn.pipeline import make_pipeline

from zoo import Case, K, VERSION
from zoo_data import (
    BOTH, COUNT_CLASSES, LABELS, N, NAMED, NUMBERS, POSITIVE, STRINGS, STRINGS3, TARGETS, THREE, TWO)

OLD_SGD = VERSION < (0, 19)     # counts passes with n_iter, not max_iter
LOG = "log" if VERSION < (1, 1) else "log_loss"
SQUARED = "squared_loss" if VERSION < (1, 0) else "squared_error"


def passes(n):
    return {"n_iter": n} if OLD_SGD else {"max_iter": n, "tol": None}


def sparsified(model, y):
    """A model whose coefficients are a sparse matrix: fit once, sparsify."""
    class Sparse(object):
        def fit(self, x, _):
            return model.fit(x, y).sparsify()
    return Sparse()


def regressors():
    def plain(name, make, main=False, y=NUMBERS, **kw):
        return Case("linear_" + name, make, y, main=main, **kw)
    return [
        plain("regression", lambda: K.LinearRegression(), True),
        plain("regression_outputs", lambda: K.LinearRegression(), y=BOTH),
        plain("regression_no_intercept", lambda: K.LinearRegression(fit_intercept=False)),
        plain("regression_positive", lambda: K.LinearRegression(positive=True)),
        plain("regression_frame", lambda: K.LinearRegression(), feed="frame"),
        plain("ridge", lambda: K.Ridge(alpha=2), True),
        plain("ridge_outputs", lambda: K.Ridge(), y=BOTH),
        plain("ridge_no_intercept", lambda: K.Ridge(fit_intercept=False)),
        plain("ridge_normalize", lambda: K.Ridge(normalize=True)),
        plain("ridge_cv", lambda: K.RidgeCV(alphas=[0.1, 1, 10])),
        plain("lasso", lambda: K.Lasso(alpha=0.1), True),
        plain("lasso_outputs", lambda: K.Lasso(alpha=0.1), y=BOTH),
        plain("lasso_cv", lambda: K.LassoCV(cv=3)),
        plain("lasso_lars", lambda: K.LassoLars(alpha=0.01)),
        plain("lasso_lars_ic", lambda: K.LassoLarsIC()),
        plain("lars", lambda: K.Lars(n_nonzero_coefs=2)),
        plain("elastic_net", lambda: K.ElasticNet(alpha=0.1), True),
        plain("elastic_net_outputs", lambda: K.ElasticNet(alpha=0.1), y=BOTH),
        plain("elastic_net_cv", lambda: K.ElasticNetCV(cv=3, l1_ratio=[0.3, 0.8])),
        plain("multi_task_lasso", lambda: K.MultiTaskLasso(alpha=0.1), y=BOTH),
        plain("multi_task_elastic_net", lambda: K.MultiTaskElasticNet(alpha=0.1), y=BOTH),
        plain("bayesian_ridge", lambda: K.BayesianRidge(), True),
        plain("ard", lambda: K.ARDRegression()),
        plain("huber", lambda: K.HuberRegressor()),
        plain("theil_sen", lambda: K.TheilSenRegressor(random_state=1, max_subpopulation=50)),
        plain("ransac", lambda: K.RANSACRegressor(random_state=1)),
        plain("omp", lambda: K.OrthogonalMatchingPursuit()),
        plain("quantile", lambda: K.QuantileRegressor(alpha=0.01, solver="highs")),
        plain("poisson", lambda: K.PoissonRegressor(), y=POSITIVE),
        plain("gamma", lambda: K.GammaRegressor(), y=POSITIVE),
        plain("tweedie", lambda: K.TweedieRegressor(power=1.5), y=POSITIVE),
        plain("tweedie_normal", lambda: K.TweedieRegressor(power=0)),
        plain("tweedie_normal_log", lambda: K.TweedieRegressor(power=0, link="log"), y=POSITIVE),
        plain("svr", lambda: K.LinearSVR(random_state=1), True),
        plain("sgd_regressor", lambda: make_pipeline(K.StandardScaler(), K.SGDRegressor(loss=SQUARED, random_state=1, **passes(5))), True),
        plain("sgd_regressor_huber", lambda: make_pipeline(K.StandardScaler(), K.SGDRegressor(loss="huber", random_state=1, **passes(5)))),
        plain("sgd_regressor_average", lambda: make_pipeline(K.StandardScaler(), K.SGDRegressor(
            loss="epsilon_insensitive", average=True, random_state=1, **passes(5)))),
        plain("passive_aggressive_regressor", lambda: K.PassiveAggressiveRegressor(random_state=1, **passes(5))),
        plain("sparse_lasso_coefficients", lambda: sparsified(K.SGDRegressor(penalty="l1", alpha=0.1, random_state=1, **passes(5)), NUMBERS),
              since=(0, 20)),
    ]


def kernel_ridge():
    def one(kernel, main=False, y=NUMBERS, name=None, **kw):
        return Case("kernel_ridge_" + (name or kernel), lambda: K.KernelRidge(kernel=kernel, **kw), y, "spread", small=30, main=main)
    return [
        one("linear"), one("rbf", True), one("rbf", gamma=0.3, y=BOTH, name="rbf_outputs"), one("poly", degree=2), one("sigmoid", coef0=0.5),
        one("laplacian"), one("cosine"),
        one("polynomial", gamma=0.5, coef0=2),
        Case("kernel_ridge_chi2", lambda: K.KernelRidge(kernel="chi2", gamma=0.5), NUMBERS, "counts", small=30),
        Case("kernel_ridge_additive_chi2", lambda: K.KernelRidge(kernel="additive_chi2"), NUMBERS, "counts", small=30),
    ]


def linear_classifiers():
    def sgd(loss, **kw):
        return lambda: make_pipeline(K.StandardScaler(), K.SGDClassifier(loss=loss, random_state=1, **dict(passes(5), **kw)))
    logistic = {"solver": "lbfgs", "max_iter": 300}
    cases = [
        Case("logistic", lambda: K.LogisticRegression(**logistic), STRINGS, main=True),
        Case("logistic_3class", lambda: K.LogisticRegression(**logistic), STRINGS3, main=True),
        Case("logistic_saga", lambda: K.LogisticRegression(solver="saga", random_state=1, max_iter=50), THREE, since=(0, 19)),
        Case("logistic_elastic", lambda: K.LogisticRegression(solver="saga", penalty="elasticnet", l1_ratio=0.5, random_state=1, max_iter=50), since=(0, 21), until=(1, 7), y=TWO),
        Case("logistic_sparse", lambda: sparsified(K.LogisticRegression(solver="liblinear", penalty="l1", C=0.1, random_state=1), TWO), TWO),
        Case("logistic_cv", lambda: K.LogisticRegressionCV(Cs=3, cv=3), THREE, main=True),
        Case("logistic_cv_binary", lambda: K.LogisticRegressionCV(Cs=[0.1, 1], cv=3), STRINGS),
        Case("ridge_classifier", lambda: K.RidgeClassifier(), STRINGS, main=True),
        Case("ridge_classifier_3class", lambda: K.RidgeClassifier(), THREE),
        Case("ridge_classifier_labels", lambda: K.RidgeClassifier(), LABELS, since=(1, 0)),
        Case("ridge_classifier_cv", lambda: K.RidgeClassifierCV(alphas=[0.1, 1]), THREE),
        Case("perceptron", lambda: K.Perceptron(random_state=1, **passes(5)), STRINGS, main=True),
        Case("perceptron_3class", lambda: K.Perceptron(random_state=1, **passes(5)), THREE),
        Case("passive_aggressive", lambda: K.PassiveAggressiveClassifier(random_state=1, **passes(5)), TWO),
        Case("passive_aggressive_3class", lambda: K.PassiveAggressiveClassifier(loss="squared_hinge", random_state=1, **passes(5)), STRINGS3),
        Case("linear_svc", lambda: K.LinearSVC(random_state=1), STRINGS, main=True),
        Case("linear_svc_3class", lambda: K.LinearSVC(random_state=1), STRINGS3),
        Case("linear_svc_crammer", lambda: K.LinearSVC(random_state=1, multi_class="crammer_singer"), THREE),
        Case("linear_svc_l1", lambda: K.LinearSVC(random_state=1, penalty="l1", dual=False), TWO == 1),
    ]
    for loss in ("hinge", LOG, "modified_huber", "squared_hinge", "perceptron", SQUARED, "huber", "epsilon_insensitive", "squared_epsilon_insensitive"):
        name = {"log_loss": "log", "squared_error": "squared_loss"}.get(loss, loss)
        cases.append(Case("sgd_" + name, sgd(loss), STRINGS, main=name in ("hinge", "log", "modified_huber")))
        if name in ("hinge", "log", "modified_huber"):
            cases.append(Case("sgd_%s_3class" % name, sgd(loss), THREE, main=name != "hinge"))
    cases += [
        Case("sgd_average", sgd(LOG, average=True), THREE),
        Case("sgd_elasticnet", sgd("hinge", penalty="elasticnet", fit_intercept=False), TWO),
        Case("sgd_early_stopping", sgd(LOG, early_stopping=True, max_iter=20, tol=0.001), TWO, since=(0, 20)),
        Case("sgd_one_class", lambda: make_pipeline(K.StandardScaler(), K.SGDOneClassSVM(random_state=1, max_iter=5, tol=None))),
    ]
    return cases


AUTO = {"gamma": 0.2}


def machines():
    """Support vector machines; few rows to train on, so few vectors to store."""
    def svc(name, y, main=False, small=60, kind="SVC", **kw):
        return Case("svc_" + name, lambda: getattr(K, kind)(**dict(AUTO, **kw)), y, "spread", small=small, main=main)
    cases = []
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        cases += [svc(kernel, STRINGS, kernel == "rbf", kernel=kernel), svc(kernel + "_3class", STRINGS3, kernel == "rbf", kernel=kernel)]
    cases += [
        svc("probability", STRINGS, True, probability=True, random_state=1),
        svc("probability_3class", STRINGS3, True, probability=True, random_state=1),
        svc("probability_linear", THREE, kernel="linear", probability=True, random_state=1),
        svc("poly_coef", THREE, kernel="poly", degree=2, coef0=1.5),
        svc("ovo", THREE, True, decision_function_shape="ovo"),
        svc("ovo_binary", TWO, decision_function_shape="ovo"),
        svc("break_ties", THREE, True, break_ties=True),
        svc("balanced", STRINGS3, class_weight="balanced", C=3),
        svc("floats", THREE - 1.0),
        svc("bools", TWO == 1),
        svc("five_classes", np.digitize(NUMBERS, [-2, -0.5, 0.5, 2]), True),
        svc("five_classes_ovo_probability", np.digitize(NUMBERS, [-2, -0.5, 0.5, 2]), probability=True, random_state=1, decision_function_shape="ovo"),
        Case("svc_gamma_auto", lambda: K.SVC(gamma="auto"), TWO, "spread"),
        Case("svc_gamma_scale", lambda: K.SVC(gamma="scale"), THREE, "spread", since=(0, 20)),
        Case("svc_scaled", lambda: make_pipeline(K.StandardScaler(), K.SVC(probability=True, random_state=1, **AUTO)), STRINGS, "numbers", small=60),
        svc("nu", STRINGS, True, kind="NuSVC", nu=0.4),
        svc("nu_3class_probability", STRINGS3, True, kind="NuSVC", nu=0.3, probability=True, random_state=1),
        svc("nu_linear", THREE, kind="NuSVC", nu=0.3, kernel="linear"),
    ]
    for kernel in ("linear", "poly", "rbf", "sigmoid"):
        kw = dict(AUTO, kernel=kernel)
        cases += [
            Case("svr_" + kernel, lambda kw=kw: K.SVR(**kw), NUMBERS, "spread", small=40, main=kernel == "rbf"),
            Case("nu_svr_" + kernel, lambda kw=kw: K.NuSVR(**kw), NUMBERS, "spread", small=40, main=kernel == "rbf"),
            Case("one_class_svm_" + kernel, lambda kw=kw: K.OneClassSVM(nu=0.3, **kw), None, "spread", small=40, main=kernel == "rbf"),
        ]
    return cases


def bayes():
    def counted(name, make, y=COUNT_CLASSES, **kw):
        return Case("bayes_" + name, make, y, "counts", **kw)
    return [
        Case("bayes_gaussian", lambda: K.GaussianNB(), STRINGS, main=True),
        Case("bayes_gaussian_3class", lambda: K.GaussianNB(), STRINGS3, main=True),
        Case("bayes_gaussian_priors", lambda: K.GaussianNB(priors=[0.2, 0.3, 0.5]), THREE),
        Case("bayes_gaussian_smoothing", lambda: K.GaussianNB(var_smoothing=0.1), THREE),
        counted("multinomial", lambda: K.MultinomialNB(), main=True),
        counted("multinomial_binary", lambda: K.MultinomialNB(alpha=0.1), COUNT_CLASSES > 0),
        counted("multinomial_no_prior", lambda: K.MultinomialNB(fit_prior=False)),
        counted("multinomial_class_prior", lambda: K.MultinomialNB(class_prior=[0.2, 0.3, 0.5])),
        counted("bernoulli", lambda: K.BernoulliNB(), main=True),
        counted("bernoulli_threshold", lambda: K.BernoulliNB(binarize=2.5), COUNT_CLASSES > 0),
        Case("bayes_bernoulli_negative", lambda: K.BernoulliNB(binarize=-0.5), STRINGS3, until=(1, 1)),
        Case("bayes_bernoulli_no_threshold", lambda: make_pipeline(K.Binarizer(threshold=1), K.BernoulliNB(binarize=None)), COUNT_CLASSES, "counts"),
        counted("complement", lambda: K.ComplementNB(), main=True),
        counted("complement_norm", lambda: K.ComplementNB(norm=True)),
        counted("complement_binary", lambda: K.ComplementNB(), COUNT_CLASSES > 0),
        Case("bayes_categorical", lambda: make_pipeline(K.OrdinalEncoder(), K.CategoricalNB()), THREE, "codes", since=(0, 22)),
    ]


def networks():
    def net(name, y, main=False, kind="MLPClassifier", **kw):
        params = dict({"hidden_layer_sizes": (5,), "max_iter": 15, "random_state": 1}, **kw)
        return Case("mlp_" + name, lambda: make_pipeline(K.StandardScaler(), getattr(K, kind)(**params)), y, main=main)
    cases = []
    for activation in ("relu", "tanh", "logistic", "identity"):
        cases += [
            net(activation, STRINGS, activation == "relu", activation=activation),
            net(activation + "_regressor", NUMBERS, activation == "relu", "MLPRegressor", activation=activation),
        ]
    return cases + [
        net("3class", STRINGS3, True, hidden_layer_sizes=(6, 4)),
        net("lbfgs", THREE, solver="lbfgs"),
        net("sgd", THREE, solver="sgd", learning_rate="adaptive", activation="tanh"),
        net("early_stopping", TWO, early_stopping=True, validation_fraction=0.2),
        net("labels", LABELS, True),
        net("no_hidden", THREE, hidden_layer_sizes=()),
        net("regressor_outputs", BOTH, True, "MLPRegressor", hidden_layer_sizes=(4, 3)),
        net("regressor_lbfgs", NUMBERS, False, "MLPRegressor", solver="lbfgs"),
        net("regressor_early_stopping", NUMBERS, False, "MLPRegressor", early_stopping=True),
    ]


def neighbours():
    def near(name, y, main=False, kind="KNeighborsClassifier", **kw):
        # The distance of a row to itself is rounding in matrix products, not always 0.
        skip = range(5, 9) if kw.get("algorithm") == "brute" and kw.get("weights") == "distance" else ()
        return Case("knn_" + name, lambda: getattr(K, kind)(**kw), y, "spread", small=40, main=main, skip=skip)
    cases = []
    for algorithm in ("brute", "kd_tree", "ball_tree"):
        for weights in ("uniform", "distance"):
            kw = {"algorithm": algorithm, "weights": weights, "leaf_size": 6}
            cases += [
                near("%s_%s" % (algorithm, weights), STRINGS3, algorithm != "ball_tree", n_neighbors=5, **kw),
                near("%s_%s_regressor" % (algorithm, weights), NUMBERS, False, "KNeighborsRegressor", n_neighbors=4, **kw),
            ]
    for metric, algorithm, extra in (
            ("manhattan", "brute", {}), ("manhattan", "kd_tree", {}), ("chebyshev", "ball_tree", {}), ("chebyshev", "brute", {}),
            ("minkowski", "kd_tree", {"p": 3}), ("minkowski", "brute", {"p": 1}), ("minkowski", "brute", {"p": 3}), ("cosine", "brute", {}),
            ("canberra", "ball_tree", {}), ("braycurtis", "brute", {}), ("euclidean", "auto", {}), ("sqeuclidean", "brute", {}),
            ("seuclidean", "ball_tree", {"metric_params": {"V": np.array([1.0, 4.0, 0.25])}})):
        name = "%s_%s%s" % (metric, algorithm, extra.get("p", ""))
        cases.append(near(name, THREE, n_neighbors=3, weights="distance", metric=metric, algorithm=algorithm, **extra))
    return cases + [
        near("defaults", STRINGS, True),
        near("one", TWO, n_neighbors=1),
        near("regressor_defaults", NUMBERS, True, "KNeighborsRegressor"),
        near("outputs", TARGETS, n_neighbors=3),
        near("named_outputs", NAMED, n_neighbors=3),
        near("labels", LABELS, n_neighbors=3, weights="distance"),
        near("regressor_outputs", BOTH, True, "KNeighborsRegressor", weights="distance"),
        Case("knn_scaled", lambda: make_pipeline(K.MinMaxScaler(), K.KNeighborsClassifier(n_neighbors=7)), STRINGS, "spread"),
    ]


def clusters():
    init = {} if VERSION < (1, 2) else {"n_init": 3}
    return [
        Case("kmeans", lambda: K.KMeans(n_clusters=4, random_state=1, **init), main=True),
        Case("kmeans_two", lambda: K.KMeans(n_clusters=2, random_state=1, **init), None, "spread"),
        Case("kmeans_scaled", lambda: make_pipeline(K.StandardScaler(), K.KMeans(n_clusters=3, random_state=1, **init))),
        Case("kmeans_float32", lambda: make_pipeline(K.StandardScaler(), K.KMeans(n_clusters=3, random_state=1, **init)), None, "spread"),
        Case("kmeans_mini_batch", lambda: K.MiniBatchKMeans(n_clusters=4, random_state=1, **init), main=True),
    ]


def dummies():
    cases = [Case("dummy_" + s, lambda s=s: K.DummyClassifier(strategy=s), STRINGS3, main=s == "prior") for s in ("most_frequent", "prior")]
    cases += [Case("dummy_regressor_" + s, lambda s=s: K.DummyRegressor(strategy=s), NUMBERS, main=s == "mean") for s in ("mean", "median")]
    return cases + [
        Case("dummy_scaled", lambda: make_pipeline(K.StandardScaler(), K.DummyClassifier(strategy="prior")), STRINGS, main=True),
        Case("dummy_scaled_most_frequent", lambda: make_pipeline(K.StandardScaler(), K.DummyClassifier(strategy="most_frequent")), THREE),
        Case("dummy_scaled_regressor", lambda: make_pipeline(K.StandardScaler(), K.DummyRegressor(strategy="median")), NUMBERS, main=True),
        Case("dummy_constant", lambda: K.DummyClassifier(strategy="constant", constant="normal"), STRINGS),
        Case("dummy_regressor_quantile", lambda: K.DummyRegressor(strategy="quantile", quantile=0.25), NUMBERS),
        Case("dummy_regressor_constant", lambda: K.DummyRegressor(strategy="constant", constant=2.5), NUMBERS),
        Case("dummy_regressor_outputs", lambda: K.DummyRegressor(), BOTH),
        Case("dummy_outputs", lambda: K.DummyClassifier(strategy="most_frequent"), TARGETS),
    ]


def trees():
    classifier = {"max_depth": 4, "random_state": 1}
    bigger = dict(classifier, n_estimators=3)
    holes = {"since": (1, 3)}
    return [
        Case("tree", lambda: K.DecisionTreeClassifier(**classifier), STRINGS3, main=True, exact=True),
        Case("tree_regressor", lambda: K.DecisionTreeRegressor(**classifier), NUMBERS, main=True, exact=True),
        Case("tree_outputs", lambda: K.DecisionTreeClassifier(**classifier), TARGETS, exact=True, main=True),
        Case("tree_named_outputs", lambda: K.DecisionTreeClassifier(**classifier), NAMED, exact=True, since=(0, 22)),
        Case("tree_labels", lambda: K.DecisionTreeClassifier(**classifier), LABELS, exact=True),
        Case("tree_regressor_outputs", lambda: K.DecisionTreeRegressor(**classifier), BOTH, exact=True, main=True),
        Case("tree_holes", lambda: K.DecisionTreeClassifier(**classifier), THREE, "holes", exact=True, **holes),
        Case("extra_tree", lambda: K.ExtraTreeClassifier(**classifier), THREE, exact=True),
        Case("forest", lambda: K.RandomForestClassifier(**bigger), STRINGS3, main=True, exact=True),
        Case("forest_outputs", lambda: K.RandomForestClassifier(**bigger), TARGETS, exact=True, main=True),
        Case("forest_named_outputs", lambda: K.RandomForestClassifier(**bigger), NAMED, exact=True, since=(0, 22)),
        Case("forest_regressor", lambda: K.RandomForestRegressor(**bigger), NUMBERS, main=True, exact=True),
        Case("forest_regressor_outputs", lambda: K.RandomForestRegressor(**bigger), BOTH, exact=True, main=True),
        Case("extra_trees", lambda: K.ExtraTreesClassifier(**bigger), STRINGS, main=True, exact=True),
        Case("extra_trees_outputs", lambda: K.ExtraTreesClassifier(**bigger), LABELS, exact=True),
        Case("extra_trees_regressor", lambda: K.ExtraTreesRegressor(**bigger), NUMBERS, main=True, exact=True),
        Case("extra_trees_regressor_outputs", lambda: K.ExtraTreesRegressor(**bigger), BOTH, exact=True),
        Case("forest_frame", lambda: K.RandomForestClassifier(**bigger), STRINGS, feed="frame", exact=True),
        Case("isolation_forest", lambda: K.IsolationForest(n_estimators=5, max_samples=32, random_state=1), None, main=True),
    ]


def cases():
    assert N >= 100
    return (regressors() + kernel_ridge() + linear_classifiers() + machines() + bayes() + networks() + neighbours() + clusters()
            + dummies() + trees())
