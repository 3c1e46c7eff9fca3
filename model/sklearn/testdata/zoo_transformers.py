"""The zoo's transformers, alone and before an estimator, and what puts columns together."""

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union

from zoo import Case, K, LeftOut, VERSION, imblearn
from zoo_data import COUNT_CLASSES, NUMBERS, PRICE, STRINGS, STRINGS3, SURVIVED, THREE, TWO

DENSE = {"sparse": False} if VERSION < (1, 2) else {"sparse_output": False}


def logistic(**kw):
    return K.LogisticRegression(**dict({"solver": "lbfgs", "max_iter": 200}, **kw))


def tree(**kw):
    return K.DecisionTreeClassifier(**dict({"max_depth": 3, "random_state": 1}, **kw))


def alone(name, make, y=None, main=False, x="numbers", since=(0, 0), **kw):
    return Case(name, make, y, x, main=main, since=since, **kw)


def before(name, make, model=logistic, y=STRINGS, **kw):
    return Case(name, lambda: make_pipeline(make(), model()), y, **kw)


def scalers():
    cases = []
    for name, make in (
            ("standard", lambda: K.StandardScaler()), ("minmax", lambda: K.MinMaxScaler()), ("maxabs", lambda: K.MaxAbsScaler()),
            ("robust", lambda: K.RobustScaler()), ("normalizer", lambda: K.Normalizer()), ("polynomial", lambda: K.PolynomialFeatures()),
            ("binarizer", lambda: K.Binarizer(threshold=0.25)), ("power", lambda: K.PowerTransformer()),
            ("quantile", lambda: K.QuantileTransformer(n_quantiles=20)), ("bins", lambda: K.KBinsDiscretizer(n_bins=4)),
            ("spline", lambda: K.SplineTransformer(n_knots=4))):
        cases += [
            Case("scale_" + name, make, main=name in ("standard", "minmax", "maxabs", "robust", "normalizer", "binarizer")),
            before("scale_%s_logistic" % name, make, main=True), before("scale_%s_tree" % name, make, tree, THREE),
        ]
    return cases + [
        alone("scale_standard_no_mean", lambda: K.StandardScaler(with_mean=False)), alone("scale_standard_no_std", lambda: K.StandardScaler(with_std=False)),
        alone("scale_standard_neither", lambda: K.StandardScaler(with_mean=False, with_std=False)),
        alone("scale_standard_holes", lambda: K.StandardScaler(), x="holes", since=(0, 20)), alone("scale_standard_frame", lambda: K.StandardScaler(), feed="frame"),
        alone("scale_minmax_range", lambda: K.MinMaxScaler(feature_range=(-2, 3))), alone("scale_minmax_clip", lambda: K.MinMaxScaler(clip=True)),
        alone("scale_maxabs_clip", lambda: K.MaxAbsScaler(clip=True)),
        alone("scale_robust_quantiles", lambda: K.RobustScaler(quantile_range=(10.0, 80.0))), alone("scale_robust_no_centre", lambda: K.RobustScaler(with_centering=False)),
        alone("scale_robust_no_scale", lambda: K.RobustScaler(with_scaling=False)), alone("scale_robust_unit", lambda: K.RobustScaler(unit_variance=True)),
        alone("scale_normalizer_l1", lambda: K.Normalizer(norm="l1")), alone("scale_normalizer_max", lambda: K.Normalizer(norm="max")),
        alone("scale_polynomial_3", lambda: K.PolynomialFeatures(degree=3), x="spread"),
        alone("scale_polynomial_interaction", lambda: K.PolynomialFeatures(interaction_only=True)),
        alone("scale_polynomial_interaction_3", lambda: K.PolynomialFeatures(degree=3, interaction_only=True, include_bias=False)),
        alone("scale_polynomial_range", lambda: K.PolynomialFeatures(degree=(2, 3)), x="spread", since=(1, 0)),
        alone("scale_polynomial_no_bias", lambda: K.PolynomialFeatures(degree=2, include_bias=False), x="spread"),
        alone("scale_polynomial_order", lambda: K.PolynomialFeatures(order="F")), alone("scale_polynomial_1", lambda: K.PolynomialFeatures(degree=1)),
        alone("scale_power_not_standardized", lambda: K.PowerTransformer(standardize=False)),
        alone("scale_power_box_cox", lambda: make_pipeline(K.MinMaxScaler(feature_range=(1, 2), clip=True), K.PowerTransformer(method="box-cox"))),
        alone("scale_quantile_normal", lambda: K.QuantileTransformer(n_quantiles=20, output_distribution="normal")),
        alone("scale_bins_ordinal", lambda: K.KBinsDiscretizer(n_bins=5, encode="ordinal", strategy="uniform")),
        alone("scale_bins_dense", lambda: K.KBinsDiscretizer(n_bins=[2, 3, 4, 5], encode="onehot-dense", strategy="quantile")),
        alone("scale_bins_kmeans", lambda: K.KBinsDiscretizer(n_bins=3, encode="ordinal", strategy="kmeans", **({"random_state": 1} if VERSION > (1, 1) else {}))),
        alone("scale_spline_linear", lambda: K.SplineTransformer(n_knots=4, degree=1, extrapolation="linear", include_bias=False), x="spread"),
        alone("scale_spline_continue", lambda: K.SplineTransformer(n_knots=3, knots="quantile", extrapolation="continue"), x="spread"),
        alone("scale_spline_periodic", lambda: K.SplineTransformer(n_knots=4, extrapolation="periodic"), x="spread"),
    ]


def functions():
    def function(name, func, x="counts", main=False, **kw):
        return Case("function_" + name, lambda: K.FunctionTransformer(func, **kw), x=x, main=main)

    def piped(func):  # a step after it tells how many columns there are
        return Case("function_%s_scaled" % func.__name__, lambda: make_pipeline(K.FunctionTransformer(func), K.MaxAbsScaler()), x="spread")
    cases = [piped(f) for f in (np.exp, np.tanh, np.sin, np.cos, np.sign, np.negative, np.rint, np.floor, np.cbrt, np.arctan, np.square, np.abs, np.exp2)]
    cases += [function(f.__name__, f, main=f is np.log1p) for f in (np.log1p, np.sqrt, np.square, np.abs)]
    return cases + [
        function("none", None, "numbers"), function("none_validated", None, "numbers", validate=True), function("log1p_validated", np.log1p, validate=True),
        function("exp", np.exp, "spread"), function("tanh", np.tanh, "spread"), function("sin", np.sin, "spread"), function("cos", np.cos, "spread"),
        function("sign", np.sign, "spread"), function("negative", np.negative, "spread"), function("rint", np.rint, "spread"),
        function("floor", np.floor, "spread"), function("cbrt", np.cbrt, "spread"), function("arctan", np.arctan, "spread"), function("log2_inverse", np.exp2, "spread"),
        function("clip", np.clip, "spread", kw_args={"a_min": -1.0, "a_max": 0.5}), function("nan_to_num", np.nan_to_num, "spread"),
        before("function_log1p_logistic", lambda: K.FunctionTransformer(np.log1p, inverse_func=np.expm1), y=COUNT_CLASSES, x="counts", main=True),
    ]


def imputers():
    def simple(name, x="holes", main=False, feed="array", since=(0, 20), **kw):
        return Case("impute_" + name, lambda: K.SimpleImputer(**kw), None, x, feed=feed, main=main, since=since)

    def old(name, **kw):
        return Case("impute_old_" + name, lambda: K.Imputer(**kw), None, "holes")
    iterative = {"random_state": 1, "max_iter": 3, "tol": 1e-9}
    return [
        simple("mean", main=True), simple("median", strategy="median"), simple("most_frequent", strategy="most_frequent"),
        simple("constant", strategy="constant", fill_value=-1.5), simple("constant_default", strategy="constant"),
        simple("indicator", add_indicator=True, since=(0, 21), main=True), simple("zero", "zeros", missing_values=0),
        simple("minus_one", "codes", missing_values=-1), simple("indicator_median", add_indicator=True, since=(0, 21), strategy="median"),
        old("mean"), old("median", strategy="median"), old("most_frequent", strategy="most_frequent"),
        alone("impute_iterative", lambda: K.IterativeImputer(**iterative), x="holes", since=(0, 22), main=True),
        alone("impute_iterative_median", lambda: K.IterativeImputer(initial_strategy="median", imputation_order="descending", add_indicator=True, **iterative), x="holes", since=(0, 22)),
        alone("impute_iterative_ridge", lambda: K.IterativeImputer(K.Ridge(), min_value=-2, max_value=4, n_nearest_features=2, **iterative), x="holes", since=(0, 22)),
        alone("impute_iterative_tree", lambda: K.IterativeImputer(K.DecisionTreeRegressor(max_depth=2, random_state=1), **iterative), x="holes", since=(0, 22)),
        # Rows 94 and 153 have donors at equal distances, of which numpy takes those that its release pleases.
        alone("impute_knn", lambda: K.KNNImputer(n_neighbors=3), x="holes", since=(0, 22), small=40, main=True, skip=(94, 153)),
        alone("impute_knn_distance", lambda: K.KNNImputer(n_neighbors=2, weights="distance", add_indicator=True), x="holes", since=(0, 22), small=40),
        alone("impute_missing_indicator", lambda: K.MissingIndicator(), x="holes", since=(0, 20)),
        alone("impute_missing_indicator_all", lambda: K.MissingIndicator(features="all"), x="holes", since=(0, 20)),
        before("impute_mean_logistic", lambda: K.SimpleImputer(), x="holes", since=(0, 20), main=True),
        before("impute_old_logistic", lambda: K.Imputer(), x="holes"),
        before("impute_indicator_tree", lambda: make_union(K.SimpleImputer(), K.MissingIndicator()), tree, x="holes", since=(0, 20)),
        before("impute_knn_logistic", lambda: K.KNNImputer(n_neighbors=3), x="holes", since=(0, 22), small=40),
        before("impute_iterative_logistic", lambda: K.IterativeImputer(**iterative), x="holes", since=(0, 22)),
    ]


def encoders():
    def one(name, x="categories", main=False, since=(0, 20), feed="objects", y=None, **kw):
        return Case("encode_" + name, lambda: K.OneHotEncoder(**kw), y, x, feed=feed if x == "categories" else "array", main=main, since=since)

    def ordinal(name, x="categories", main=False, since=(0, 20), **kw):
        return Case("encode_ordinal_" + name, lambda: K.OrdinalEncoder(**kw), None, x, feed="objects" if x == "categories" else "array", main=main, since=since)

    def target(name, y, x="categories", **kw):
        return Case("encode_target_" + name, lambda: K.TargetEncoder(random_state=1, **kw), y, x, feed="objects" if x == "categories" else "array", since=(1, 3), main=name == "binary")

    def label(name, make, x="labels", **kw):
        return Case("label_" + name, make, None, x, feed="labels", **kw)
    ignore = {"handle_unknown": "ignore"}
    colours = [["red", "green", "blue", "gr\u00fcn", "Red", "white"], ["Oslo", "Bergen", "\u6771\u4eac", "S\u00e3o Paulo", "Rome", "Paris", "Nairobi"], ["S", "M", "L"]]
    return [
        one("onehot", main=True), one("onehot_ignore", main=True, **ignore), one("onehot_dense", **DENSE), one("onehot_codes", "codes", True),
        one("onehot_codes_ignore", "codes", **ignore), one("onehot_frame", feed="frame", **ignore), one("onehot_given", categories=colours),
        one("onehot_drop_first", drop="first", since=(0, 21)), one("onehot_drop_binary", "codes", drop="if_binary", since=(0, 23)),
        one("onehot_drop_given", drop=["red", "Rome", "M"], since=(0, 21)), one("onehot_drop_first_ignore", drop="first", since=(1, 0), **ignore),
        one("onehot_min_frequency", min_frequency=10, handle_unknown="infrequent_if_exist", since=(1, 1)),
        one("onehot_min_share", min_frequency=0.15, since=(1, 1), **ignore), one("onehot_max_categories", max_categories=3, handle_unknown="infrequent_if_exist", since=(1, 1)),
        one("onehot_max_codes", "codes", max_categories=2, handle_unknown="infrequent_if_exist", since=(1, 1)),
        one("onehot_infrequent_drop", max_categories=3, drop="first", handle_unknown="infrequent_if_exist", since=(1, 1)),
        one("onehot_warn", handle_unknown="warn", since=(1, 6)),
        Case("encode_onehot_old", lambda: K.OneHotEncoder(handle_unknown="ignore"), None, "counts", until=(0, 19)),
        ordinal("plain", main=True), ordinal("codes", "codes"), ordinal("unknown", handle_unknown="use_encoded_value", unknown_value=-1, since=(0, 24), main=True),
        ordinal("unknown_nan", handle_unknown="use_encoded_value", unknown_value=np.nan, since=(0, 24)),
        ordinal("infrequent", min_frequency=12, handle_unknown="use_encoded_value", unknown_value=99, since=(1, 3)),
        ordinal("max_categories", max_categories=3, since=(1, 3)), ordinal("given", categories=colours),
        Case("encode_ordinal_missing", lambda: K.OrdinalEncoder(encoded_missing_value=-5, handle_unknown="use_encoded_value", unknown_value=-1), None, "mixed_holes",
             feed="frame", since=(1, 1), wild=False),
        Case("encode_onehot_missing", lambda: K.OneHotEncoder(handle_unknown="ignore"), None, "holes_codes", since=(0, 24)),
        target("binary", TWO), target("regression", NUMBERS, target_type="continuous"), target("classes", STRINGS3) if VERSION >= (1, 4) else target("smooth_codes", TWO, "codes", smooth=5.0),
        target("smooth", TWO, smooth=3.0), target("codes", NUMBERS, "codes"),
        before("encode_onehot_logistic", lambda: K.OneHotEncoder(**ignore), x="categories", feed="objects", since=(0, 20), main=True),
        before("encode_onehot_error_logistic", lambda: K.OneHotEncoder(), x="categories", feed="objects", since=(0, 20)),
        before("encode_onehot_forest", lambda: K.OneHotEncoder(**ignore), lambda: K.RandomForestClassifier(n_estimators=3, max_depth=4, random_state=1), STRINGS3,
               x="categories", feed="frame", since=(0, 20)),
        before("encode_ordinal_tree", lambda: K.OrdinalEncoder(), tree, STRINGS3, x="categories", feed="frame", since=(0, 20), exact=True, main=True),
        before("encode_onehot_svc", lambda: K.OneHotEncoder(**ignore), lambda: K.SVC(gamma=0.3), STRINGS, x="categories", feed="objects", since=(0, 20), small=40),
        before("encode_onehot_bayes", lambda: K.OneHotEncoder(**ignore), lambda: K.BernoulliNB(), STRINGS3, x="categories", feed="objects", since=(0, 20)),
        before("encode_onehot_knn", lambda: K.OneHotEncoder(**ignore), lambda: K.LinearSVC(random_state=1), STRINGS3, x="codes", since=(0, 20)),
        before("encode_target_logistic", lambda: K.TargetEncoder(random_state=1), logistic, STRINGS, x="categories", feed="frame", since=(1, 3)),
        label("encoder", lambda: K.LabelEncoder()), label("encoder_codes", lambda: K.LabelEncoder(), "label_codes"),
        label("binarizer", lambda: K.LabelBinarizer(), wild="labels_strange"), label("binarizer_codes", lambda: K.LabelBinarizer(neg_label=-1, pos_label=2), "label_codes", wild=False),
        label("binarizer_sparse", lambda: K.LabelBinarizer(sparse_output=True), wild=False), label("binarizer_two", lambda: K.LabelBinarizer(), "label_two", wild=False),
        label("encoder_two", lambda: K.LabelEncoder(), "label_two", wild=False),
        Case("records", lambda: K.DictVectorizer(), None, "records", feed="records", main=True), Case("records_dense", lambda: K.DictVectorizer(sparse=False, separator=":"), None, "records", feed="records"),
        Case("records_unsorted", lambda: K.DictVectorizer(sort=False), None, "records", feed="records"),
        before("records_logistic", lambda: K.DictVectorizer(), y=TWO, x="records", feed="records", main=True),
        before("records_tree", lambda: K.DictVectorizer(sparse=False), tree, y=THREE, x="records", feed="records"),
    ]


def selectors():
    from sklearn.feature_selection import chi2, f_classif, f_regression, mutual_info_classif

    def pick(name, make, y=THREE, main=False, x="numbers", since=(0, 0)):
        return Case("select_" + name, make, y, x, main=main, since=since)
    return [
        pick("k_best", lambda: K.SelectKBest(k=2), main=True), pick("k_best_chi2", lambda: K.SelectKBest(chi2, k=3), COUNT_CLASSES, x="counts"),
        pick("k_best_all", lambda: K.SelectKBest(k="all")), pick("k_best_regression", lambda: K.SelectKBest(f_regression, k=1), NUMBERS),
        pick("percentile", lambda: K.SelectPercentile(f_classif, percentile=50)), pick("fpr", lambda: K.SelectFpr(alpha=0.001)), pick("fdr", lambda: K.SelectFdr(alpha=0.001)),
        pick("fwe", lambda: K.SelectFwe(alpha=0.001)), pick("generic", lambda: K.GenericUnivariateSelect(mode="k_best", param=2)),
        pick("mutual", lambda: K.SelectKBest(mutual_info_classif, k=2)),
        pick("from_model", lambda: K.SelectFromModel(K.RandomForestClassifier(n_estimators=3, max_depth=3, random_state=1)), main=True),
        pick("from_model_lasso", lambda: K.SelectFromModel(K.Lasso(alpha=0.5)), NUMBERS), pick("from_model_threshold", lambda: K.SelectFromModel(tree(), threshold="1.2*median")),
        pick("from_model_svc", lambda: K.SelectFromModel(K.LinearSVC(random_state=1, penalty="l1", dual=False, C=0.02)), TWO),
        pick("from_model_number", lambda: K.SelectFromModel(logistic(), threshold=0.3, norm_order=2)), pick("from_model_most", lambda: K.SelectFromModel(tree(), max_features=1, threshold=-np.inf), since=(0, 20)),
        pick("rfe", lambda: K.RFE(logistic(), 2)) if VERSION < (1, 0) else pick("rfe", lambda: K.RFE(logistic(), n_features_to_select=2)),
        pick("rfecv", lambda: K.RFECV(tree(), cv=3)), pick("sequential", lambda: K.SequentialFeatureSelector(tree(), n_features_to_select=2, cv=2)),
        pick("variance", lambda: K.VarianceThreshold(1.5), None, True), pick("variance_zero", lambda: K.VarianceThreshold(), None),
        before("select_k_best_logistic", lambda: K.SelectKBest(k=2), main=True), before("select_from_model_tree", lambda: K.SelectFromModel(tree()), tree, THREE),
        before("select_variance_logistic", lambda: K.VarianceThreshold(1.5)), before("select_rfe_tree", lambda: K.RFE(tree(), n_features_to_select=3), tree, THREE),
    ]


def reducers():
    return [
        alone("reduce_pca", lambda: K.PCA(n_components=2), main=True), alone("reduce_pca_whiten", lambda: K.PCA(n_components=3, whiten=True), main=True),
        alone("reduce_pca_share", lambda: K.PCA(n_components=0.9)), alone("reduce_pca_all", lambda: K.PCA()),
        alone("reduce_pca_randomized", lambda: K.PCA(n_components=2, svd_solver="randomized", random_state=1)),
        alone("reduce_svd", lambda: K.TruncatedSVD(n_components=2, random_state=1), main=True), alone("reduce_svd_arpack", lambda: K.TruncatedSVD(n_components=2, algorithm="arpack", random_state=1)),
        alone("reduce_incremental", lambda: K.IncrementalPCA(n_components=2, whiten=True)), alone("reduce_fast_ica", lambda: K.FastICA(n_components=2, random_state=1, max_iter=500)),
        before("reduce_pca_logistic", lambda: K.PCA(n_components=2), main=True), before("reduce_pca_tree", lambda: K.PCA(n_components=3), tree, THREE),
        before("reduce_scaled_pca", lambda: make_pipeline(K.StandardScaler(), K.PCA(n_components=2, whiten=True)), y=STRINGS3),
        before("reduce_svd_sparse", lambda: make_pipeline(K.OneHotEncoder(handle_unknown="ignore"), K.TruncatedSVD(n_components=3, random_state=1)), x="categories", feed="objects", since=(0, 20)),
        before("reduce_pca_knn", lambda: K.PCA(n_components=2), lambda: K.KNeighborsClassifier(n_neighbors=3), x="spread"),
    ]


NUMBER_COLUMNS, TEXT_COLUMNS = ["age", "fare"], ["sex", "city"]


def prepared(numbers=NUMBER_COLUMNS, texts=TEXT_COLUMNS, encoder=None, **kw):
    return K.ColumnTransformer([
        ("numbers", K.StandardScaler(), numbers), ("texts", encoder or K.OneHotEncoder(handle_unknown="ignore"), texts)], **kw)


def filled(numbers=NUMBER_COLUMNS, texts=TEXT_COLUMNS, **kw):
    """What people write most: impute and scale numbers, impute and encode texts."""
    return K.ColumnTransformer([
        ("numbers", Pipeline([("fill", K.SimpleImputer(strategy="median")), ("scale", K.StandardScaler())]), numbers),
        ("texts", Pipeline([("fill", K.SimpleImputer(strategy="most_frequent")), ("encode", K.OneHotEncoder(handle_unknown="ignore"))]), texts)], **kw)


def by_type():
    from sklearn.compose import make_column_selector
    import pandas
    kinds = [object] if pandas.__version__ < "3" else [object, "string"]
    return prepared(make_column_selector(dtype_include=np.number), make_column_selector(dtype_include=kinds))


def columns():
    def column(name, make, model=logistic, y=SURVIVED, feed="frame", x="mixed", main=False, since=(0, 20), **kw):
        return Case("columns_" + name, (lambda: make_pipeline(make(), model())) if model else make, y, x, feed=feed, main=main, since=since, **kw)
    forest = K.RandomForestClassifier
    mask = np.array([True, False, False, True, True])
    return [
        column("names", prepared, main=True), column("positions", lambda: prepared([0, 3], [1, 2]), feed="objects", main=True), column("positions_frame", lambda: prepared([0, 3], [1, 2])),
        column("negative", lambda: prepared([0, -2], [1, -3]), feed="objects"), column("slice", lambda: prepared(slice(3, 5), slice(1, 3)), feed="objects"),
        column("slice_names", lambda: prepared(["age"], slice("sex", "city"))), column("mask", lambda: prepared(mask, ~mask), feed="objects"), column("mask_list", lambda: prepared(list(mask), [1]), since=(0, 22)),
        column("selector", by_type, since=(0, 22)), column("selector_pattern", lambda: prepared(selector("^(age|fare)$"), selector("s.x|city")), since=(0, 22)),
        column("one_name", lambda: K.ColumnTransformer([("a", K.StandardScaler(), ["age"]), ("c", K.CountVectorizer(), "city")]), wild=False),
        column("remainder_pass", lambda: prepared(remainder="passthrough"), main=True), column("remainder_pass_positions", lambda: prepared([3], [2, 1], remainder="drop"), feed="objects"),
        column("remainder_scale", lambda: prepared(["age"], remainder=K.MinMaxScaler())), column("order", lambda: prepared(["rooms", "age"], ["city", "sex"])),
        column("drop", lambda: K.ColumnTransformer([("a", "drop", ["age"]), ("b", "passthrough", ["fare", "rooms"]), ("c", K.OneHotEncoder(), ["sex"])])),
        column("twice", lambda: K.ColumnTransformer([("a", K.StandardScaler(), ["age", "fare"]), ("b", K.KBinsDiscretizer(n_bins=3), ["age"]), ("c", K.OneHotEncoder(handle_unknown="ignore"), ["sex"])])),
        column("weights", lambda: prepared(transformer_weights={"numbers": 0.5, "texts": 3.0})), column("dense", lambda: prepared(sparse_threshold=0)),
        column("sparse", lambda: prepared(sparse_threshold=1.0)), column("empty", lambda: prepared(texts=[])), column("union_of_all", lambda: make_union(prepared(), filled())),
        column("filled", filled, x="mixed_holes", main=True), column("filled_forest", filled, lambda: forest(n_estimators=3, max_depth=4, random_state=1), x="mixed_holes", main=True),
        column("filled_positions", lambda: filled([0, 3], [1, 2]), x="mixed_holes", feed="objects"), column("filled_regressor", filled, lambda: K.Ridge(), PRICE, x="mixed_holes"),
        column("filled_boosting", filled, lambda: K.GradientBoostingClassifier(n_estimators=3, max_depth=2, random_state=1), x="mixed_holes"),
        column("filled_svc", filled, lambda: K.SVC(gamma=0.2), x="mixed_holes", small=40), column("filled_knn", filled, lambda: K.KNeighborsClassifier(n_neighbors=1), x="mixed", small=40),
        column("filled_mlp", filled, lambda: K.MLPClassifier((4,), max_iter=10, random_state=1), x="mixed_holes"),
        column("filled_bayes", lambda: filled(sparse_threshold=0), lambda: K.GaussianNB(), x="mixed_holes"),
        column("filled_voting", filled, lambda: K.VotingClassifier([("a", logistic()), ("b", tree())], voting="soft"), x="mixed_holes"),
        column("filled_select", lambda: make_pipeline(filled(), K.SelectKBest(k=3)), x="mixed_holes"),
        column("filled_svd", lambda: make_pipeline(filled(), K.TruncatedSVD(3, random_state=1)), x="mixed_holes"),
        column("filled_hist", lambda: filled(sparse_threshold=0), lambda: K.HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=5, random_state=1), x="mixed_holes", since=(0, 21)),
        column("constant", lambda: K.ColumnTransformer([
            ("n", K.SimpleImputer(strategy="constant", fill_value=0), ["age", "fare"]),
            ("t", make_pipeline(K.SimpleImputer(strategy="constant", fill_value="missing"), K.OneHotEncoder(handle_unknown="ignore")), ["sex", "city"])]), x="mixed_holes"),
        column("missing_is_category", lambda: prepared(["rooms"], ["sex", "city"], remainder="drop"), x="mixed_text_holes", since=(0, 24)),
        column("ordinal", lambda: prepared(encoder=K.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)), tree, since=(0, 24), exact=True, main=True),
        column("target", lambda: prepared(encoder=K.TargetEncoder(random_state=1)), since=(1, 3)),
        column("nested", lambda: K.ColumnTransformer([("in", prepared(remainder="passthrough"), ["age", "sex", "city", "fare"]), ("rest", "passthrough", ["rooms"])])),
        column("grid", filled, lambda: K.GridSearchCV(logistic(), {"C": [0.1, 1]}, cv=3), x="mixed_holes"),
        column("calibrated", filled, lambda: K.CalibratedClassifierCV(K.LinearSVC(random_state=1), cv=3), x="mixed_holes"),
        column("make", lambda: make_columns(), since=(0, 20)), column("alone", prepared, None, None, main=True), column("filled_alone", filled, None, None, x="mixed_holes"),
        column("pandas_output", lambda: prepared(encoder=K.OneHotEncoder(handle_unknown="ignore", **DENSE)).set_output(transform="pandas"), since=(1, 2)),
        column("numbers_only", lambda: K.ColumnTransformer([("a", K.StandardScaler(), [0, 1]), ("b", K.MinMaxScaler(), [2, 3])]), x="numbers", feed="array", y=STRINGS3, main=True),
        column("numbers_mask", lambda: K.ColumnTransformer([("a", K.StandardScaler(), [False, True, False, True])], remainder="passthrough"), tree, x="numbers", feed="array", y=THREE),
        column("function", lambda: K.ColumnTransformer([("log", K.FunctionTransformer(np.log1p), ["fare"]), ("t", K.OneHotEncoder(handle_unknown="ignore"), ["sex"])])),
        column("target_regressor", filled, lambda: K.TransformedTargetRegressor(K.Ridge(), func=np.log1p, inverse_func=np.expm1), np.abs(PRICE), x="mixed_holes", wild=False),
        column("imblearn", lambda: imblearn_pipeline(filled()), None, x="mixed_holes"),
        column("outside_grid", lambda: K.GridSearchCV(Pipeline([("p", filled()), ("m", logistic())]), {"m__C": [0.1, 1], "p__numbers__fill__strategy": ["mean", "median"]}, cv=3), None, x="mixed_holes", main=True),
        # Asked for a row of nothing but holes on its own, scikit-learn does not iterate; among others it does.
        column("iterative", lambda: K.ColumnTransformer([("n", K.IterativeImputer(max_iter=2, random_state=1), ["age", "fare", "rooms"])]), x="mixed_holes", wild=False, since=(0, 22)),
    ]


def selector(pattern):
    from sklearn.compose import make_column_selector
    return make_column_selector(pattern=pattern)


def make_columns():
    from sklearn.compose import make_column_transformer
    parts = [(K.StandardScaler(), NUMBER_COLUMNS), (K.OneHotEncoder(handle_unknown="ignore"), TEXT_COLUMNS)]
    return make_column_transformer(*[p[::-1] if VERSION < (0, 21) else p for p in parts], remainder="passthrough")


def imblearn_pipeline(*steps):
    """Samplers do nothing when predicting."""
    smote = imblearn("over_sampling", "RandomOverSampler")(random_state=1)
    return imblearn("pipeline", "make_pipeline")(*(steps + (smote, logistic())))


def unions():
    def smote(k=3):
        return imblearn("over_sampling", "SMOTE")(random_state=1, k_neighbors=k)

    def under():
        return imblearn("under_sampling", "RandomUnderSampler")(random_state=1)

    def balanced(*steps):
        return imblearn("pipeline", "Pipeline")([("s%d" % i, s) for i, s in enumerate(steps)])
    both = [("scale", K.StandardScaler), ("pca", lambda: K.PCA(n_components=2))]

    def union(**kw):
        return FeatureUnion([(n, m()) for n, m in both], **kw)
    return [
        alone("union_plain", union, main=True), alone("union_weights", lambda: union(transformer_weights={"scale": 2.0, "pca": 0.25})),
        before("union_logistic", union, y=STRINGS3, main=True), before("union_selected", lambda: make_union(K.SelectKBest(k=1), K.PolynomialFeatures(degree=2))),
        before("union_dropped", lambda: FeatureUnion([("a", K.StandardScaler()), ("b", None if VERSION < (0, 24) else "drop")])),
        before("union_passthrough", lambda: FeatureUnion([("a", K.StandardScaler()), ("b", "passthrough")]), since=(1, 1)),
        before("union_nested", lambda: make_union(make_pipeline(K.StandardScaler(), K.PCA(n_components=1)), union()), tree, THREE),
        before("union_sparse", lambda: make_union(K.OneHotEncoder(handle_unknown="ignore"), K.OrdinalEncoder()), x="categories", feed="objects", since=(0, 20)),
        Case("pipeline_none", lambda: Pipeline([("a", None if VERSION < (0, 21) else "passthrough"), ("b", logistic())]), STRINGS, since=(0, 19)),
        Case("pipeline_transformer", lambda: make_pipeline(K.StandardScaler(), K.PolynomialFeatures(degree=2)), x="spread"),
        Case("pipeline_last_passthrough", lambda: Pipeline([("a", K.StandardScaler()), ("b", "passthrough")]), since=(0, 21)),
        Case("pipeline_nested", lambda: Pipeline([("a", make_pipeline(K.StandardScaler(), K.MinMaxScaler())), ("b", make_pipeline(K.PCA(n_components=3), logistic()))]), STRINGS3),
        Case("pipeline_kmeans", lambda: make_pipeline(K.KMeans(n_clusters=3, random_state=1, n_init=2), logistic()), STRINGS3),
        Case("imblearn_smote", lambda: balanced(K.StandardScaler(), smote(), logistic()), STRINGS, main=True), Case("imblearn_first", lambda: balanced(smote(), tree()), THREE),
        Case("imblearn_under", lambda: balanced(under(), K.RandomForestClassifier(n_estimators=3, max_depth=3, random_state=1)), STRINGS3, exact=True),
        Case("imblearn_two", lambda: balanced(smote(), under(), K.MinMaxScaler(), K.LinearSVC(random_state=1)), THREE),
        Case("imblearn_grid", lambda: K.GridSearchCV(balanced(K.StandardScaler(), smote(2), logistic()), {"s2__C": [0.1, 1]}, cv=3), STRINGS),
    ]


def cases():
    found = []
    for group in (scalers, functions, imputers, encoders, selectors, reducers, columns, unions):
        found += group()
    assert LeftOut
    return found
