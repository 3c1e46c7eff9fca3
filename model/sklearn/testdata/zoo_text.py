"""The zoo's texts: vectorizers alone, after each other and before every estimator that texts are given to."""

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from zoo import ALL, Case, K, VERSION
from zoo_data import SPAM, STRANGE, SURVIVED, TOPIC
from zoo_estimators import passes
from zoo_transformers import logistic

ALTERNATE = {"non_negative": True} if VERSION < (0, 19) else {"alternate_sign": False}


def text(name, make, y=None, main=False, **kw):
    # Vectors are wide: a few rows of them, but all the strange texts.
    rows = kw.pop("rows", ALL if main and y is not None else 60)
    return Case("text_" + name, make, y, "texts", feed="texts", main=main, rows=rows, wild=False, **kw)


def counters():
    def count(name, main=False, **kw):
        return text("count_" + name, lambda: K.CountVectorizer(**kw), main=main)
    return [
        count("plain", True), count("bigrams", ngram_range=(1, 2), min_df=2), count("bigrams_only", ngram_range=(2, 2), max_features=25),
        count("trigrams", ngram_range=(1, 3), max_features=40), count("stop_english", stop_words="english"),
        count("stop_list", stop_words=["free", "the", "caf\u00e9"]), count("stop_bigrams", stop_words="english", ngram_range=(1, 2), max_features=40),
        count("max_features", max_features=15), count("binary", binary=True), count("cased", lowercase=False),
        count("unicode", strip_accents="unicode"), count("ascii", strip_accents="ascii"), count("ascii_cased", strip_accents="ascii", lowercase=False),
        count("pattern", token_pattern=r"[a-z]+"), count("pattern_words", token_pattern=r"\w+"), count("pattern_word_start", token_pattern=r"(?u)\b\w+\b"),
        count("pattern_group", token_pattern=r"(?u)\b(\w\w)\w*\b"), count("pattern_mail", token_pattern=r"[\w.-]+@[\w.-]+|\w{2,}"),
        count("pattern_spaces", token_pattern=r"\S+"), count("pattern_ascii", token_pattern=r"(?a)\b\w\w+\b"), count("pattern_letters", token_pattern=r"(?u)\b[a-zA-Z]{3,}\b"),
        count("vocabulary", vocabulary=["free", "money", "caf\u00e9", "\u4f60\u597d"]), count("vocabulary_map", vocabulary={"now": 1, "win": 0, "prize": 2}),
        count("vocabulary_bigrams", vocabulary=["free money", "win", "now"], ngram_range=(1, 2)),
        count("min_df", min_df=3), count("max_df", max_df=0.3), count("shares", min_df=0.05, max_df=0.9),
        count("char", analyzer="char", max_features=40), count("char_ngrams", analyzer="char", ngram_range=(2, 3), max_features=40),
        count("char_wb", analyzer="char_wb", ngram_range=(2, 4), max_features=40), count("char_wb_one", analyzer="char_wb", max_features=30),
        count("char_accents", analyzer="char", ngram_range=(1, 2), strip_accents="unicode", lowercase=False, max_features=40),
        count("char_wb_accents", analyzer="char_wb", ngram_range=(3, 3), strip_accents="ascii", max_features=40),
        count("dtype", dtype=np.float64 if VERSION < (0, 20) else np.float32),
    ]


def weighers():
    def tfidf(name, main=False, **kw):
        return text("tfidf_" + name, lambda: K.TfidfVectorizer(**dict({"max_features": 30}, **kw)), main=main)

    def after(name, **kw):
        return text("tfidf_after_" + name, lambda: make_pipeline(K.CountVectorizer(max_features=25), K.TfidfTransformer(**kw)))

    def hashed(name, main=False, **kw):
        return text("hashing_" + name, lambda: K.HashingVectorizer(**dict({"n_features": 32}, **kw)), main=main)
    return [
        tfidf("plain", True), tfidf("sublinear", sublinear_tf=True), tfidf("l1", norm="l1"), tfidf("no_norm", norm=None), tfidf("no_idf", use_idf=False),
        tfidf("not_smooth", smooth_idf=False), tfidf("binary", binary=True), tfidf("bigrams", ngram_range=(1, 2)), tfidf("char_wb", analyzer="char_wb", ngram_range=(2, 3)),
        tfidf("stop_accents", stop_words="english", strip_accents="unicode"), tfidf("all", max_features=None, sublinear_tf=True, norm="l1", min_df=2),
        tfidf("vocabulary", vocabulary=["free", "win", "now", "absent"]),
        after("plain"), after("sublinear", sublinear_tf=True), after("l1", norm="l1"), after("no_norm", norm=None), after("no_idf", use_idf=False), after("not_smooth", smooth_idf=False),
        hashed("plain", True), hashed("l1", norm="l1"), hashed("no_norm", norm=None), hashed("positive", **ALTERNATE), hashed("binary", binary=True, norm=None),
        hashed("bigrams", ngram_range=(1, 2)), hashed("char", analyzer="char", ngram_range=(2, 3)), hashed("char_wb", analyzer="char_wb", ngram_range=(3, 3), strip_accents="unicode"),
        hashed("stop", stop_words="english"), hashed("cased", lowercase=False, token_pattern=r"\w+"), hashed("odd", n_features=37),
        text("hashing_tfidf", lambda: make_pipeline(K.HashingVectorizer(n_features=32, norm=None, **ALTERNATE), K.TfidfTransformer())),
        text("count_svd", lambda: make_pipeline(K.TfidfVectorizer(), K.TruncatedSVD(n_components=3, random_state=1))),
        text("count_binarizer_normalizer", lambda: make_pipeline(K.CountVectorizer(max_features=20), K.Binarizer(), K.Normalizer())),
        text("count_scaler", lambda: make_pipeline(K.CountVectorizer(max_features=20), K.StandardScaler(with_mean=False))),
        text("count_maxabs", lambda: make_pipeline(K.CountVectorizer(max_features=20), K.MaxAbsScaler())),
        text("union", lambda: FeatureUnion([("words", K.TfidfVectorizer(max_features=15)), ("chars", K.TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 2), max_features=15))],
                                           transformer_weights={"words": 2.0, "chars": 0.5})),
    ]


def classifiers():
    def model(name, make, y=TOPIC, main=False, vectorizer=None, **kw):
        def made():
            first = vectorizer() if vectorizer else K.TfidfVectorizer()
            return make_pipeline(first, make())
        return text("model_" + name, made, y, main, **kw)

    def counted():
        return K.CountVectorizer(max_features=60)

    def hashed():
        return K.HashingVectorizer(n_features=64)
    old = Pipeline([("vect", K.CountVectorizer()), ("tfidf", K.TfidfTransformer()), ("clf", K.SGDClassifier(random_state=1, **passes(5)))])
    return [
        model("logistic", logistic, main=True), model("logistic_binary", logistic, SPAM), model("linear_svc", lambda: K.LinearSVC(random_state=1), main=True),
        model("multinomial", lambda: K.MultinomialNB(), main=True), model("multinomial_count", lambda: K.MultinomialNB(alpha=0.1), SPAM, vectorizer=counted),
        model("complement", lambda: K.ComplementNB()), model("bernoulli", lambda: K.BernoulliNB(), vectorizer=counted),
        model("sgd", lambda: K.SGDClassifier(random_state=1, **passes(5)), main=True), model("sgd_huber", lambda: K.SGDClassifier(loss="modified_huber", random_state=1, **passes(5)), SPAM, vectorizer=hashed),
        model("perceptron", lambda: K.Perceptron(random_state=1, **passes(5)), vectorizer=hashed),
        model("passive_aggressive", lambda: K.PassiveAggressiveClassifier(random_state=1, **passes(5))),
        model("ridge", lambda: K.RidgeClassifier(), SPAM), model("forest", lambda: K.RandomForestClassifier(n_estimators=4, max_depth=6, random_state=1), main=True, exact=False),
        model("tree_count", lambda: K.DecisionTreeClassifier(max_depth=5, random_state=1), vectorizer=counted, exact=True),
        model("extra_trees", lambda: K.ExtraTreesClassifier(n_estimators=3, max_depth=5, random_state=1), SPAM),
        model("boosting", lambda: K.GradientBoostingClassifier(n_estimators=3, max_depth=2, random_state=1), since=(0, 20)),
        model("ada", lambda: K.AdaBoostClassifier(n_estimators=3, random_state=1), SPAM),
        model("svc", lambda: K.SVC(gamma=1.0), small=40), model("svc_linear", lambda: K.SVC(kernel="linear", probability=True, random_state=1), SPAM, small=60),
        model("svc_poly", lambda: K.SVC(kernel="poly", gamma=1.0, degree=2), small=40), model("nu_svc", lambda: K.NuSVC(gamma=1.0, nu=0.2), small=40),
        model("svr", lambda: K.SVR(gamma=1.0), SPAM * 1.0, small=40), model("one_class", lambda: K.OneClassSVM(gamma=1.0, nu=0.3), None, small=40),
        model("mlp", lambda: K.MLPClassifier((4,), max_iter=10, random_state=1), vectorizer=lambda: K.TfidfVectorizer(max_features=25)),
        # Texts without a word that is known are as far from all others.
        model("knn", lambda: K.KNeighborsClassifier(3), small=40, skip=range(len(STRANGE))),
        model("knn_cosine", lambda: K.KNeighborsClassifier(3, weights="distance", metric="cosine"), SPAM, small=40, skip=range(len(STRANGE)), since=(0, 20)),
        model("knn_counts", lambda: K.KNeighborsRegressor(3, weights="distance"), SPAM * 2.5, vectorizer=lambda: make_pipeline(K.TfidfVectorizer(), K.StandardScaler(with_mean=False)), small=40),
        model("centroid", lambda: K.NearestCentroid()), model("radius", lambda: K.RadiusNeighborsClassifier(1.5), SPAM, small=40),
        model("kmeans", lambda: K.KMeans(n_clusters=3, random_state=1, n_init=2), None, vectorizer=lambda: K.TfidfVectorizer(max_features=20)),
        model("rest", lambda: K.OneVsRestClassifier(logistic())), model("rest_svc", lambda: K.OneVsRestClassifier(K.LinearSVC(random_state=1))),
        model("calibrated", lambda: K.CalibratedClassifierCV(K.LinearSVC(random_state=1), cv=3)),
        model("voting", lambda: K.VotingClassifier([("a", logistic()), ("b", K.MultinomialNB())], voting="soft")),
        model("ridge_regressor", lambda: K.Ridge(), SPAM * 2.5), model("lasso", lambda: K.Lasso(alpha=0.01), SPAM * 2.5),
        model("chi2", lambda: make_pipeline(best(), K.MultinomialNB()), vectorizer=counted), model("lsa", lambda: make_pipeline(K.TruncatedSVD(3, random_state=1), K.Normalizer(), logistic())),
        model("svd_forest", lambda: make_pipeline(K.TruncatedSVD(3, random_state=1), K.RandomForestClassifier(n_estimators=3, max_depth=4, random_state=1))),
        model("select", lambda: make_pipeline(K.SelectFromModel(K.LinearSVC(random_state=1)), logistic())),
        text("model_old_way", lambda: old, TOPIC, True),
        text("model_grid", lambda: K.GridSearchCV(Pipeline([("v", K.TfidfVectorizer()), ("m", logistic())]), {"v__ngram_range": [(1, 1), (1, 2)], "m__C": [1, 10]}, cv=2), SPAM, True),
        Case("text_columns", lambda: make_pipeline(K.ColumnTransformer([("t", K.TfidfVectorizer(), "city"), ("n", K.StandardScaler(), ["age"])]), logistic()),
             SURVIVED, "mixed", feed="frame", wild=False, since=(0, 20), main=True),
        Case("text_columns_position", lambda: make_pipeline(K.ColumnTransformer([("t", K.CountVectorizer(analyzer="char"), 2), ("s", K.CountVectorizer(), 1)], remainder="passthrough"), logistic()),
             SURVIVED, "mixed", feed="objects", wild=False, since=(0, 20)),
    ]


def best():
    from sklearn.feature_selection import chi2
    return K.SelectKBest(chi2, k=20)


def cases():
    return counters() + weighers() + classifiers()
