"""Writes models of random composition, to compare structures nobody thought of.

    python zoo_random.py FOLDER COUNT SEED

writes FOLDER/<version>/random_NNNN.joblib (or .pkl) with .json.gz, and FOLDER/inputs, as
zoo.py does: pipelines, unions and column transformers inside each other to a depth of
three, before an estimator or an estimator of estimators. The same seed gives the same
models. A composition that cannot be trained (a scale of nothing, negative counts) is
drawn anew.
"""

import os
import sys
import warnings

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline

import zoo
import zoo_data as data
from zoo import Case, K, LeftOut

warnings.filterwarnings("ignore")


class Composer(object):
    """Draws parts with one stream of random numbers."""

    def __init__(self, seed):
        self.rng = np.random.RandomState(seed)
        self.kind = None  # of the rows: numbers, holes, mixed
        self.holes = False  # in mixed rows

    def of(self, *choices):
        return choices[self.rng.randint(len(choices))]

    def chance(self, share):
        return self.rng.uniform() < share

    def names(self, parts):
        return [("p%d" % i, p) for i, p in enumerate(parts)]

    # ---- transformers; each returns an unfitted one ----

    def simple(self):
        return self.of(
            lambda: K.StandardScaler(with_mean=self.chance(0.8), with_std=self.chance(0.8)), lambda: K.MinMaxScaler(feature_range=self.of((0, 1), (-1, 2))),
            lambda: K.MaxAbsScaler(), lambda: K.RobustScaler(), lambda: K.Normalizer(norm=self.of("l1", "l2", "max")),
            lambda: K.PolynomialFeatures(degree=2, interaction_only=self.chance(0.5), include_bias=self.chance(0.5)), lambda: K.Binarizer(threshold=self.of(0, 0.5)),
            lambda: K.PCA(n_components=self.of(1, 2), whiten=self.chance(0.3)), lambda: K.TruncatedSVD(n_components=1, random_state=1),
            lambda: K.SelectKBest(k=self.of(1, 2)), lambda: K.VarianceThreshold(),
            lambda: K.KBinsDiscretizer(n_bins=self.of(2, 4), encode=self.of("onehot", "ordinal", "onehot-dense")),
            lambda: K.SelectFromModel(K.DecisionTreeClassifier(max_depth=2, random_state=1)), lambda: K.FunctionTransformer(self.of(None, np.tanh, np.abs, np.cbrt)),
            lambda: K.PowerTransformer(), lambda: K.QuantileTransformer(n_quantiles=10, output_distribution=self.of("uniform", "normal")),
            lambda: "passthrough")()

    def numeric(self, depth):
        """Something that takes numbers without holes."""
        turn = self.rng.uniform()
        if depth == 0 or turn < 0.5:
            return self.simple()
        if turn < 0.75:
            return Pipeline(self.names([self.numeric(depth - 1) for _ in range(self.of(1, 2, 3))]))
        weights = {"p0": self.of(0.5, 2.0)} if self.chance(0.3) else None
        return FeatureUnion(self.names([self.numeric(depth - 1) for _ in range(self.of(2, 3))]), transformer_weights=weights)

    def fill(self):
        return self.of(lambda: K.SimpleImputer(strategy=self.of("mean", "median", "most_frequent"), add_indicator=self.chance(0.3)),
                       lambda: K.SimpleImputer(strategy="constant", fill_value=self.of(-1, 0)), lambda: K.KNNImputer(n_neighbors=3))()

    def texts(self):
        encoder = self.of(
            lambda: K.OneHotEncoder(handle_unknown="ignore", sparse_output=self.chance(0.6)), lambda: K.OneHotEncoder(drop=self.of("first", "if_binary")),
            lambda: K.OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=3), lambda: K.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1))()
        if self.chance(0.6):
            return Pipeline(self.names([self.of(lambda: K.SimpleImputer(strategy="most_frequent"), lambda: K.SimpleImputer(strategy="constant", fill_value="none"))(), encoder]))
        return encoder

    def columns(self, depth, named):
        """A ColumnTransformer over the mixed columns, or over four columns of numbers."""
        if self.kind == "mixed":
            at = {"numbers": [0, 3, 4], "texts": [1, 2]}
            pick = {k: list(self.rng.permutation(v)[:self.rng.randint(1, len(v) + 1)]) for k, v in at.items()}
            pick = {k: [data.MIXED_NAMES[i] for i in v] if named else [int(i) for i in v] for k, v in pick.items()}
            parts = [("numbers", Pipeline(self.names([self.fill(), self.numeric(depth - 1)])), pick["numbers"]), ("texts", self.texts(), pick["texts"])]
            if not self.holes and self.chance(0.3):
                parts.append(("words", K.TfidfVectorizer(analyzer=self.of("word", "char_wb")), "city" if named else 2))
            if self.chance(0.5):
                parts.reverse()
            return K.ColumnTransformer(parts, remainder="drop", sparse_threshold=self.of(0, 0.3, 1))
        cut = self.rng.permutation(4)
        parts = [("a", self.numeric(depth - 1), [int(i) for i in cut[:2]]), ("b", self.of(lambda: "passthrough", lambda: "drop", lambda: self.numeric(depth - 1))(), [int(cut[2])])]
        return K.ColumnTransformer(parts, remainder=self.of("drop", "passthrough"), sparse_threshold=self.of(0, 0.3))

    # ---- estimators ----

    def classifier(self, depth=1):
        turn = self.rng.uniform()
        if depth and turn < 0.3:
            return self.of(
                lambda: K.VotingClassifier(self.names([self.classifier(0) for _ in range(2)]), voting="hard"), lambda: K.BaggingClassifier(self.classifier(0), n_estimators=2, random_state=1),
                lambda: K.CalibratedClassifierCV(self.classifier(0), cv=2), lambda: K.OneVsRestClassifier(self.classifier(0)), lambda: K.OneVsOneClassifier(self.classifier(0)),
                lambda: K.StackingClassifier(self.names([self.classifier(0), self.classifier(0)]), final_estimator=K.LogisticRegression(), cv=2, passthrough=self.chance(0.3)),
                lambda: K.GridSearchCV(K.DecisionTreeClassifier(random_state=1), {"max_depth": [2, 3]}, cv=2))()
        return self.of(
            lambda: K.LogisticRegression(C=self.of(0.1, 1.0)), lambda: K.DecisionTreeClassifier(max_depth=3, random_state=1), lambda: K.RandomForestClassifier(n_estimators=2, max_depth=3, random_state=1),
            lambda: K.ExtraTreesClassifier(n_estimators=2, max_depth=3, random_state=1), lambda: K.GradientBoostingClassifier(n_estimators=2, max_depth=2, random_state=1),
            lambda: K.LinearSVC(random_state=1), lambda: K.SVC(kernel=self.of("linear", "rbf", "poly"), gamma=0.2), lambda: K.RidgeClassifier(),
            lambda: K.SGDClassifier(loss=self.of("hinge", "log_loss", "modified_huber"), random_state=1, max_iter=5, tol=None), lambda: K.BernoulliNB(),
            lambda: K.MLPClassifier((3,), max_iter=5, random_state=1), lambda: K.AdaBoostClassifier(n_estimators=2, random_state=1))()

    def regressor(self, depth=1):
        if depth and self.chance(0.3):
            return self.of(
                lambda: K.VotingRegressor(self.names([self.regressor(0) for _ in range(2)])), lambda: K.BaggingRegressor(self.regressor(0), n_estimators=2, random_state=1),
                lambda: K.TransformedTargetRegressor(self.regressor(0), transformer=self.of(K.StandardScaler, K.MinMaxScaler)()),
                lambda: K.StackingRegressor(self.names([self.regressor(0), self.regressor(0)]), cv=2), lambda: K.GridSearchCV(K.Ridge(), {"alpha": [0.1, 1]}, cv=2))()
        return self.of(
            lambda: K.LinearRegression(), lambda: K.Ridge(), lambda: K.Lasso(alpha=0.05), lambda: K.ElasticNet(alpha=0.05), lambda: K.DecisionTreeRegressor(max_depth=3, random_state=1),
            lambda: K.RandomForestRegressor(n_estimators=2, max_depth=3, random_state=1), lambda: K.GradientBoostingRegressor(n_estimators=2, max_depth=2, random_state=1),
            lambda: K.SVR(gamma=0.1), lambda: K.KernelRidge(kernel="rbf", gamma=0.1), lambda: K.MLPRegressor(hidden_layer_sizes=(3,), max_iter=5, random_state=1))()

    def case(self, name):
        self.kind = self.of("numbers", "numbers", "holes", "mixed", "mixed")
        self.holes = self.chance(0.5)
        table = {"mixed": "mixed_holes" if self.holes else "mixed"}.get(self.kind, self.kind)
        named = self.chance(0.5)
        parts = [self.fill()] if self.kind == "holes" else []
        if self.kind == "mixed" or self.chance(0.4):
            parts.append(self.columns(2, named))
        parts += [self.numeric(2) for _ in range(self.of(0, 1, 1, 2))] if self.kind != "mixed" else [self.of(K.MaxAbsScaler, K.Normalizer)()] if self.chance(0.3) else []
        classes = {"mixed": [data.SURVIVED]}.get(self.kind, [data.STRINGS, data.STRINGS3, data.THREE])
        if self.chance(0.7):
            y, last = self.of(*classes), self.classifier()
        else:
            y, last = (data.PRICE if self.kind == "mixed" else data.NUMBERS), self.regressor()
        feed = "array" if self.kind != "mixed" else "frame" if named else "objects"
        # Row 49 has donors at equal distances, of which numpy takes those that its release pleases.
        skip = (49,) if parts and type(parts[0]).__name__ == "KNNImputer" else ()
        case = Case(name, lambda: Pipeline(self.names(parts + [last])), y, table, feed=feed, small=70, rows=60, skip=skip)
        case.probes = 6
        return case


def main():
    base, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    folder = os.path.join(base, zoo.sklearn.__version__)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    zoo.write_inputs(os.path.join(base, "inputs"))
    written = drawn = 0
    while written < count:
        drawn += 1
        if drawn > 5 * count + 50:
            sys.exit("only %d of %d compositions could be trained" % (written, drawn))
        name = "random_%04d" % written
        try:
            zoo.write_case(folder, Composer(seed * 1000003 + drawn).case(name))
        except (ValueError, TypeError, LeftOut, np.linalg.LinAlgError) as e:
            sys.stderr.write("drawn anew: %s\n" % str(e).strip().split("\n")[-1])
            for ending in (".joblib", ".pkl", ".json.gz"):
                if os.path.exists(os.path.join(folder, name + ending)):
                    os.remove(os.path.join(folder, name + ending))
            continue
        written += 1
    sys.stderr.write("%d written of %d drawn\n" % (written, drawn))


if __name__ == "__main__":
    main()
