"""Trains the intrusion detector: normal traffic or an attack?

    python train.py FOLDER   # that holds KDDTrain+_20Percent.txt and KDDTest+.txt

writes model.joblib, encoding.csv and examples.json beside this file and prints the
quality that CARD.md quotes. The same versions (../requirements.txt) write the same bytes.
"""

import os
import sys

import numpy as np
import pandas
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support, roc_auc_score

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import nslkdd  # noqa: E402


def with_unknown(rows, labels, share, seed):
    """Adds copies of a share of the rows in which one category, by chance, is OTHER, so that the model has seen what
    to make of a row whose category it does not know."""
    rng = np.random.RandomState(seed)
    picked = np.sort(rng.choice(len(rows), int(len(rows) * share), replace=False))
    copies = rows.iloc[picked].copy().reset_index(drop=True)
    columns = rng.randint(0, len(nslkdd.CATEGORIES), size=len(picked))
    for i, column in enumerate(nslkdd.CATEGORIES):
        copies.loc[columns == i, column] = "OTHER"
    return pandas.concat([rows, copies], ignore_index=True), np.concatenate([labels, labels[picked]])


def report(title, model, rows, labels):
    predicted = model.predict(rows)
    print("%s: %d rows, accuracy %.4f, ROC AUC %.4f" % (
        title, len(rows), accuracy_score(labels, predicted),
        roc_auc_score(labels == "attack", model.predict_proba(rows)[:, 0])))
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted, labels=model.classes_)
    for i, name in enumerate(model.classes_):
        print("  %-6s precision %.4f recall %.4f F1 %.4f rows %d" % (name, precision[i], recall[i], f1[i], support[i]))
    print("  confusion (rows: truth, columns: predicted; %s)" % ", ".join(model.classes_))
    for line in confusion_matrix(labels, predicted, labels=model.classes_):
        print("  %6d %6d" % tuple(line))


def main():
    rows, normal = nslkdd.read(sys.argv[1], nslkdd.TRAIN)
    test_rows, test_normal = nslkdd.read(sys.argv[1], nslkdd.TEST)
    labels, test_labels = np.where(normal, "normal", "attack"), np.where(test_normal, "normal", "attack")
    tables = nslkdd.encodings(rows, lambda counts: sorted(counts.index))

    all_rows, all_labels = with_unknown(rows, labels, 0.1, 1)
    model = RandomForestClassifier(n_estimators=50, max_depth=10, min_samples_leaf=5, random_state=0, n_jobs=1)
    model.fit(nslkdd.encode(all_rows, tables), all_labels)
    model = nslkdd.write(HERE, model, tables)

    report("training file", model, nslkdd.encode(rows, tables), labels)
    test = nslkdd.encode(test_rows, tables)
    report("test file", model, test, test_labels)
    report("test file, every service OTHER", model, nslkdd.encode(test_rows.assign(service="OTHER"), tables), test_labels)
    print("importance: " + ", ".join("%s %.2f" % v for v in sorted(
        zip(nslkdd.FEATURES, model.feature_importances_), key=lambda v: -v[1])))

    picked = np.random.RandomState(2).choice(len(test_rows), 20, replace=False)
    nslkdd.write_examples(HERE, nslkdd.examples(test_rows, tables, picked),
                          predictions=model.predict(test.iloc[picked]).tolist(),
                          scores=model.predict_proba(test.iloc[picked]).tolist())


if __name__ == "__main__":
    main()
