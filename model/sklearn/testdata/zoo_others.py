"""The zoo's rarer estimators: mixtures and clusters, discriminants, least squares, neighbours within a radius, thresholds."""

import importlib

import numpy as np
from sklearn.pipeline import make_pipeline

from zoo import Case, K, LeftOut, VERSION
from zoo_data import BOTH, NUMBERS, STRINGS, STRINGS3, THREE, TWO
from zoo_ensembles import stump
from zoo_transformers import logistic


def named(path):
    """A class of a module that K does not look into."""
    module, name = path.rsplit(".", 1)
    try:
        return getattr(importlib.import_module("sklearn." + module), name)
    except (ImportError, AttributeError):
        raise LeftOut("no " + path)


def clusters():
    def mixture(kind="GaussianMixture", **kw):
        return lambda: named("mixture." + kind)(**dict({"n_components": 3, "random_state": 1}, **kw))
    cases = [Case("mixture_" + c, mixture(covariance_type=c), main=c == "full") for c in ("full", "tied", "diag", "spherical")]
    return cases + [
        Case("mixture_bayesian", mixture("BayesianGaussianMixture"), main=True),
        Case("mixture_bayesian_process", mixture("BayesianGaussianMixture", covariance_type="diag", weight_concentration_prior_type="dirichlet_process")),
        Case("mixture_scaled", lambda: make_pipeline(K.StandardScaler(), mixture(n_components=2)())),
        Case("cluster_birch", lambda: K.Birch(n_clusters=3, threshold=1.5), None, "spread", main=True),
        Case("cluster_birch_all", lambda: K.Birch(n_clusters=None, threshold=2.0), None, "spread"),
        Case("cluster_mean_shift", lambda: K.MeanShift(bandwidth=2.0), None, "spread", main=True),
        Case("cluster_affinity", lambda: K.AffinityPropagation(**({"random_state": 1} if VERSION >= (0, 23) else {})), None, "spread", main=True),
        Case("cluster_logistic", lambda: make_pipeline(K.MiniBatchKMeans(n_clusters=3, n_init=2, random_state=1), logistic()), STRINGS, "spread"),
    ]


def discriminants():
    def linear(name, y, main=False, since=(0, 0), **kw):
        return Case("discriminant_" + name, lambda: named("discriminant_analysis.LinearDiscriminantAnalysis")(**kw), y, main=main, since=since)

    def quadratic(name, y, main=False, **kw):
        return Case("discriminant_quadratic" + name, lambda: named("discriminant_analysis.QuadraticDiscriminantAnalysis")(**kw), y, main=main)
    return [
        linear("binary", STRINGS, True), linear("3class", STRINGS3, True), linear("lsqr", THREE, solver="lsqr", shrinkage="auto"),
        linear("eigen", THREE, since=(0, 21), solver="eigen", shrinkage=0.2), linear("priors", THREE, priors=[0.2, 0.3, 0.5]),
        quadratic("", STRINGS, True), quadratic("_3class", STRINGS3, True), quadratic("_shrunk", THREE, reg_param=0.3),
        Case("discriminant_step", lambda: make_pipeline(named("discriminant_analysis.LinearDiscriminantAnalysis")(n_components=1), logistic()), THREE),
    ]


def squares():
    def plain(name, make, y=NUMBERS, **kw):
        return Case("squares_" + name, make, y, **kw)
    return [
        plain("pls", lambda: K.PLSRegression(n_components=2), main=True), plain("pls_outputs", lambda: K.PLSRegression(n_components=2), BOTH, main=True),
        plain("pls_not_scaled", lambda: K.PLSRegression(n_components=3, scale=False)),
        plain("pls_canonical", lambda: K.PLSCanonical(n_components=2), BOTH, main=True), plain("cca", lambda: K.CCA(n_components=1), BOTH),
        plain("lars_cv", lambda: K.LarsCV(cv=3)), plain("lasso_lars_cv", lambda: K.LassoLarsCV(cv=3)), plain("omp_cv", lambda: K.OrthogonalMatchingPursuitCV(cv=3)),
        plain("multi_task_lasso_cv", lambda: K.MultiTaskLassoCV(cv=3), BOTH), plain("multi_task_elastic_net_cv", lambda: K.MultiTaskElasticNetCV(cv=3), BOTH),
        plain("extra_tree", lambda: K.ExtraTreeRegressor(max_depth=4, random_state=1), main=True, exact=True),
    ]


def neighbours():
    def near(name, kind, y, main=False, small=40, **kw):
        return Case("near_" + name, lambda: getattr(K, kind)(**kw), y, "spread", small=small, main=main)
    radius = {"radius": 1.5}
    outlier = {"outlier_label": "most_frequent"} if VERSION >= (0, 22) else {"outlier_label": 1}
    novel = {"n_neighbors": 5, "novelty": True}
    return [
        near("radius", "RadiusNeighborsClassifier", THREE, True, **dict(radius, **outlier)),
        near("radius_distance", "RadiusNeighborsClassifier", THREE, weights="distance", algorithm="kd_tree", **dict(radius, **outlier)),
        near("radius_far", "RadiusNeighborsClassifier", STRINGS3, radius=20.0), near("radius_regressor", "RadiusNeighborsRegressor", NUMBERS, radius=20.0, weights="distance", main=True),
        near("outlier_factor", "LocalOutlierFactor", None, True, **novel), near("outlier_factor_share", "LocalOutlierFactor", None, contamination=0.2, **novel),
        near("outlier_factor_manhattan", "LocalOutlierFactor", None, metric="manhattan", algorithm="ball_tree", **novel),
        near("centroid", "NearestCentroid", STRINGS3, True), near("centroid_shrunk", "NearestCentroid", THREE, shrink_threshold=0.2),
        near("centroid_manhattan", "NearestCentroid", STRINGS3, metric="manhattan"),
        Case("near_components", lambda: make_pipeline(K.NeighborhoodComponentsAnalysis(n_components=2, max_iter=5, random_state=1), K.KNeighborsClassifier(3)), THREE, "spread", small=40),
        Case("near_components_alone", lambda: K.NeighborhoodComponentsAnalysis(n_components=2, max_iter=5, random_state=1), THREE, "spread", main=True),
    ]


def reducers():
    def alone(name, make, x="numbers", **kw):
        return Case("reduce_" + name, make, None, x, **kw)
    return [
        alone("factors", lambda: K.FactorAnalysis(n_components=2, random_state=1, **({} if VERSION < (0, 24) else {"rotation": "varimax"})), main=True),
        alone("random", lambda: named("random_projection.GaussianRandomProjection")(n_components=3, random_state=1), main=True),
        alone("randomized", lambda: K.RandomizedPCA(n_components=2, random_state=1), main=True),
        alone("random_sparse", lambda: named("random_projection.SparseRandomProjection")(n_components=3, random_state=1)),
        alone("kernel", lambda: K.KernelPCA(n_components=2, kernel="rbf", gamma=0.2, random_state=1), "spread", small=40, main=True),
        alone("kernel_poly", lambda: K.KernelPCA(n_components=2, kernel="poly", degree=2, gamma=0.1, random_state=1), "spread", small=40),
        alone("kernel_linear", lambda: K.KernelPCA(n_components=2, random_state=1), "spread", small=40),
        Case("reduce_kernel_logistic", lambda: make_pipeline(K.StandardScaler(), K.KernelPCA(n_components=3, kernel="rbf", gamma=0.2, random_state=1), logistic()), STRINGS3, "spread", small=60),
    ]


def thresholds():
    def frozen(model, y):
        from zoo_data import X
        return named("frozen.FrozenEstimator")(model.fit(X, y))

    def isotonic(**kw):
        return lambda: make_pipeline(K.SelectKBest(k=1), named("isotonic.IsotonicRegression")(**kw))

    def halving():
        from sklearn.experimental import enable_halving_search_cv  # noqa: F401
        return named("model_selection.HalvingRandomSearchCV")(stump(), {"max_depth": [1, 2, 3]}, cv=3, random_state=1)
    unknown = np.where(np.arange(len(THREE)) % 3 == 0, -1, THREE)
    teach = "base_estimator" if VERSION < (1, 6) else "estimator"
    return [
        Case("threshold_fixed", lambda: K.FixedThresholdClassifier(logistic(), threshold=0.3), TWO, main=True),
        Case("threshold_fixed_decision", lambda: K.FixedThresholdClassifier(K.LinearSVC(random_state=1), threshold=-0.4, pos_label="attack"), STRINGS),
        Case("threshold_tuned", lambda: K.TunedThresholdClassifierCV(logistic(), cv=3, random_state=1), TWO, main=True),
        Case("threshold_tuned_f1", lambda: K.TunedThresholdClassifierCV(stump(3), scoring="f1", cv=3, random_state=1), TWO),
        Case("frozen", lambda: frozen(logistic(), STRINGS3), STRINGS3, main=True), Case("frozen_step", lambda: make_pipeline(frozen(K.StandardScaler(), None), stump()), TWO),
        Case("self_training", lambda: named("semi_supervised.SelfTrainingClassifier")(logistic(), max_iter=3), unknown, main=True),
        Case("self_training_named", lambda: named("semi_supervised.SelfTrainingClassifier")(criterion="k_best", k_best=5, max_iter=2, **{teach: stump()}), unknown),
        Case("isotonic", isotonic(out_of_bounds="clip"), NUMBERS, main=True, since=(0, 24)), Case("isotonic_falling", isotonic(increasing=False, out_of_bounds="clip", y_min=-1), NUMBERS, since=(0, 24)),
        Case("halving_random", halving, THREE, since=(0, 24)),
    ]


def balanced():
    """The ensembles of imbalanced-learn."""
    from zoo import imblearn

    def ensemble(name, kind, y, main=False, **kw):
        return Case("balanced_" + name, lambda: imblearn("ensemble", kind)(random_state=1, **kw), y, main=main)
    def sampler(module, kind, y=THREE, **kw):
        return Case("sampler_" + kind.lower(), lambda: imblearn("pipeline", "make_pipeline")(imblearn(module, kind)(**kw), K.StandardScaler(), logistic()), y)
    seed = {"random_state": 1}
    samplers = [sampler("over_sampling", k, **seed) for k in ("BorderlineSMOTE", "SVMSMOTE")] + [sampler("over_sampling", "ADASYN", NUMBERS > 1.5, **seed)]
    samplers += [sampler("under_sampling", k) for k in ("TomekLinks", "EditedNearestNeighbours", "RepeatedEditedNearestNeighbours", "AllKNN", "NeighbourhoodCleaningRule", "NearMiss")]
    samplers += [sampler("under_sampling", k, **seed) for k in ("OneSidedSelection", "CondensedNearestNeighbour", "InstanceHardnessThreshold", "ClusterCentroids")]
    samplers += [sampler("combine", k, **seed) for k in ("SMOTEENN", "SMOTETomek")]
    samplers += [sampler("over_sampling", "SMOTENC", categorical_features=[3], **seed), sampler("over_sampling", "KMeansSMOTE", TWO, cluster_balance_threshold=0.01, **seed)]
    forest = {} if VERSION < (1, 0) else {"sampling_strategy": "all", "replacement": True, "bootstrap": False}
    return samplers + [
        ensemble("forest", "BalancedRandomForestClassifier", STRINGS3, True, n_estimators=3, max_depth=3, **forest),
        ensemble("bagging", "BalancedBaggingClassifier", STRINGS3, n_estimators=3), ensemble("easy", "EasyEnsembleClassifier", STRINGS, n_estimators=2),
        ensemble("boosting", "RUSBoostClassifier", THREE, n_estimators=3),
    ]


def cases():
    found = []
    for group in (clusters, discriminants, squares, neighbours, reducers, thresholds, balanced):
        found += group()
    return found
