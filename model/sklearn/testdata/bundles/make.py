"""Makes bundles as people save them: a model beside what belongs to it, in a dict, a
tuple, or several files. Run with Python 3.11, scikit-learn 1.5.2, pandas 2.2.3:

    python make.py FOLDER

NAME.pkl comes with NAME.json: rows, and what the parts answer together. Cases that must
be refused have "refused" instead: a text that the error must have.
"""
import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectKBest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeRegressor

FOLDER = Path(sys.argv[1])
RNG = np.random.RandomState(0)
N = 60

frame = pd.DataFrame({
    "age": RNG.randint(1, 80, N).astype(float),
    "sex": RNG.choice(["female", "male"], N),
    "fare": RNG.gamma(2.0, 15.0, N).round(2),
    "port": RNG.choice(["C", "Q", "S"], N),
})
score = frame["age"] / 40 + (frame["sex"] == "male") + (frame["port"] == "Q") * 0.7
target = np.where(score > 2.1, "lost", np.where(score > 1.2, "found", "saved"))
price = score.to_numpy() * 3 + 1
words = ["cheap", "pills", "meeting", "today", "win", "money", "agenda", "notes", "free", "report"]
texts = [" ".join(RNG.choice(words, 6)) for _ in range(N)]
spam = np.array([int("cheap" in t or "win" in t) for t in texts])


def plain(rows):
    return [[v.item() if hasattr(v, "item") else v for v in row] for row in rows]


def write(name, value, rows=None, predict=None, **more):
    with open(FOLDER / (name + ".pkl"), "wb") as f:
        pickle.dump(value, f, protocol=4)
    expected = dict(more)
    if rows is not None:
        expected["rows"] = plain(rows)
    if predict is not None:
        expected["predict"] = np.asarray(predict).tolist()
    (FOLDER / (name + ".json")).write_text(json.dumps(expected) + "\n")


encoders = {c: LabelEncoder().fit(frame[c]) for c in ("sex", "port")}
coded = frame.assign(**{c: e.transform(frame[c]) for c, e in encoders.items()})
of_target = LabelEncoder().fit(target)
y = of_target.transform(target)
forest = RandomForestClassifier(5, max_depth=4, random_state=0).fit(coded, y)
named = frame.to_numpy(dtype=object)

write("encoders", {"model": forest, "encoders": encoders}, named, forest.predict(coded))
write("encoders_target", {"model": forest, "encoders": {**encoders, "outcome": of_target}}, named,
      of_target.inverse_transform(forest.predict(coded)))
write("encoders_flat", {"le_sex": encoders["sex"], "port_encoder": encoders["port"], "clf": forest, "target_encoder": of_target},
      named, of_target.inverse_transform(forest.predict(coded)))
ordinals = {c: OrdinalEncoder().fit(frame[[c]].to_numpy()) for c in ("sex", "port")}
write("ordinals", {"model": forest, "encoders": ordinals}, named, forest.predict(coded))
scaler = StandardScaler().fit(coded.to_numpy())
logistic = LogisticRegression().fit(scaler.transform(coded.to_numpy()), y)
write("encoders_scaler", {"encoders": encoders, "scaler": scaler, "model": logistic, "columns": list(frame.columns)}, named,
      logistic.predict(scaler.transform(coded.to_numpy())))
bare = RandomForestClassifier(3, max_depth=3, random_state=0).fit(coded.to_numpy(), y)
write("encoders_unnamed", {"model": bare, "encoders": encoders}, refused="2 label encoders")
write("encoder_unnamed", {"model": bare, "sex_encoder": encoders["sex"]}, refused="does not name the columns")
line = LinearRegression().fit(coded, price)
write("encoders_regressor", {"model": line, "sex": encoders["sex"], "port": encoders["port"], "r2": 0.9}, named, line.predict(coded),
      notes=["$.r2 is not used"])

some = ["sex", "port"]
write("ordinal_subset", {"model": forest, "encoder": OrdinalEncoder().fit(frame[some])}, refused="which columns they are is not plain")
write("onehot_subset", {"model": forest, "encoder": OneHotEncoder().fit(frame[some])}, refused="which columns they are is not plain")
write("scaler_subset", {"model": forest, "scaler": StandardScaler().fit(coded[["age", "fare"]])},
      refused="$.scaler (StandardScaler) takes 2 columns and makes 2, and $.model (RandomForestClassifier) takes 4")

columns = ColumnTransformer([("n", StandardScaler(), ["age", "fare"]), ("c", OneHotEncoder(handle_unknown="ignore"), some)])
pipe = Pipeline([("prepare", columns), ("model", LogisticRegression())]).fit(frame, target)
write("columns", {"model": pipe, "columns": list(frame.columns), "target": "outcome"}, named, pipe.predict(frame))
write("metrics", {"pipeline": pipe, "metrics": {"accuracy": 0.9, "f1": 0.8}, "version": "1.0"}, named, pipe.predict(frame),
      notes=["$.metrics is not used", "$.version is not used"])
write("columns_apart", {"preprocessor": pipe["prepare"], "model": pipe["model"]}, named, pipe.predict(frame))
write("inside", {"pipeline": pipe, "preprocessor": pipe["prepare"]}, named, pipe.predict(frame))

tfidf = TfidfVectorizer().fit(texts)
bayes = MultinomialNB().fit(tfidf.transform(texts), spam)
messages = [[t] for t in texts]
answers = bayes.predict(tfidf.transform(texts))
write("tuple", (bayes, tfidf), messages, answers)
write("tuple_turned", (tfidf, bayes), messages, answers)
write("vectorizer", {"vectorizer": tfidf, "model": bayes}, messages, answers)
count = CountVectorizer().fit(texts)
weigh = TfidfTransformer().fit(count.transform(texts))
both = LogisticRegression().fit(weigh.transform(count.transform(texts)), spam)
write("tfidf_count", {"tfidf": weigh, "count": count, "clf": both}, messages, both.predict(weigh.transform(count.transform(texts))))
write("label_encoder", {"model": bare, "label_encoder": of_target}, coded.to_numpy(), of_target.inverse_transform(bare.predict(coded.to_numpy())))

# A scaler of the features and one of the target.
wide = coded.to_numpy()
of_price, of_range = StandardScaler().fit(price.reshape(-1, 1)), MinMaxScaler().fit(price.reshape(-1, 1))
svr = SVR().fit(scaler.transform(wide), of_price.transform(price.reshape(-1, 1)).ravel())
write("target_scaler", {"model": svr, "sc_X": scaler, "sc_y": of_price}, wide,
      of_price.inverse_transform(svr.predict(scaler.transform(wide)).reshape(-1, 1)).ravel(), notes=["predictions are turned back by $.sc_y"])
age = StandardScaler().fit(wide[:, :1])
tree = DecisionTreeRegressor(max_depth=4).fit(age.transform(wide[:, :1]), of_range.transform(price.reshape(-1, 1)))
write("target_range", {"regressor": tree, "scalerX": age, "scalerY": of_range}, wide[:, :1],
      of_range.inverse_transform(tree.predict(age.transform(wide[:, :1])).reshape(-1, 1)).ravel())
write("target_unnamed", {"model": svr, "first": scaler, "second": of_price}, refused="in which order its transformers are applied is not plain")

# Apart, for comma lists of files.
best = SelectKBest(k=2).fit(scaler.transform(coded.to_numpy()), y)
reduced = LogisticRegression().fit(best.transform(scaler.transform(coded.to_numpy())), y)
write("file_vectorizer", tfidf)
write("file_text_model", bayes, messages, answers)
write("file_scaler", scaler)
write("file_best", best)
write("file_labels", of_target)
write("file_model", reduced, coded.to_numpy(), of_target.inverse_transform(reduced.predict(best.transform(scaler.transform(coded.to_numpy())))))


# What is refused, for its description: told_NAME.pkl. "half" and the classes are of __main__.
class Cleaner(BaseEstimator, TransformerMixin):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X


def half(x):
    return x / 2


class Service:
    pass


custom = Pipeline([("clean", Cleaner()), ("half", FunctionTransformer(half)), ("skip", None), ("last", SVC(C=2.0))])
write("told_custom", custom.fit(coded.to_numpy(), y))
service = Service()
service.model, service.encoders, service.rate = forest, encoders, 0.5
write("told_service", service)
write("told_unfitted", Pipeline([("scale", StandardScaler()), ("trees", RandomForestClassifier(7))]))
