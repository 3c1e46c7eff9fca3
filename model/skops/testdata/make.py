"""Writes FOLDER/<name>.skops and FOLDER/<name>.joblib of the same small models.

    python make.py FOLDER
"""

import os
import sys

import joblib
import numpy as np
import skops.io
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

random = np.random.RandomState(4)
X = random.randn(40, 4).round(3)
TWO = (X[:, 0] + X[:, 1] > 0).astype(int)
THREE = np.array(["a", "b", "c"], object)[(X[:, 0] > 0.4).astype(int) + (X[:, 1] > 0)]
NUMBERS = X[:, 0] * 2 - X[:, 3]
WORDS = ["good day", "bad day", "good night", "very bad night"] * 3

MODELS = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(X, TWO),
    "forest": RandomForestClassifier(n_estimators=3, max_depth=3, random_state=np.random.RandomState(1)).fit(X, THREE),
    "tree": DecisionTreeRegressor(max_depth=3, random_state=0).fit(X, NUMBERS),
    "linear": make_pipeline(MinMaxScaler(clip=True), LinearRegression()).fit(X, NUMBERS),
    "scaler": StandardScaler().fit(X),
    "boosting": GradientBoostingClassifier(n_estimators=3, max_depth=2, random_state=0).fit(X, TWO),
    "sgd": SGDClassifier(random_state=0).fit(X, THREE),
    "neighbours": KNeighborsClassifier(algorithm="kd_tree").fit(X, TWO),
    "svc": SVC().fit(X, THREE),
    "text": make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(WORDS, [1, 0, 1, 0] * 3),
    "bundle": {"model": LogisticRegression().fit(X, TWO), "scaler": StandardScaler().fit(X), "names": {0: "no", 1: "yes"}},
}

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
for name, model in MODELS.items():
    skops.io.dump(model, os.path.join(folder, name + ".skops"), compression=8)
    joblib.dump(model, os.path.join(folder, name + ".joblib"), compress=3)
