"""Trains the anomaly detector: does this connection look like the usual ones?

    python train.py FOLDER   # that holds KDDTrain+_20Percent.txt and KDDTest+.txt

writes model.joblib, encoding.csv and examples.json beside this file and prints the
quality that CARD.md quotes. The same versions (../requirements.txt) write the same bytes.
"""

import os
import sys

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import nslkdd  # noqa: E402


def report(title, model, rows, normal):
    outlier = model.predict(rows) == -1
    print("%s: %d rows, ROC AUC %.4f" % (title, len(rows), roc_auc_score(~normal, -model.decision_function(rows))))
    print("  precision %.4f recall %.4f false alarms %.4f accuracy %.4f" % (
        (outlier & ~normal).sum() / outlier.sum(), (outlier & ~normal).sum() / (~normal).sum(),
        (outlier & normal).sum() / normal.sum(), (outlier == ~normal).mean()))
    print("  confusion (rows: truth, columns: predicted; attack or outlier, normal)")
    for truth in (~normal, normal):
        print("  %6d %6d" % ((outlier & truth).sum(), (~outlier & truth).sum()))


def main():
    rows, normal = nslkdd.read(sys.argv[1], nslkdd.TRAIN)
    test_rows, test_normal = nslkdd.read(sys.argv[1], nslkdd.TEST)
    # An isolation forest finds extremes, so a category's number grows with its rarity in normal traffic.
    # value_counts leaves the order of equal counts open: the name decides.
    usual = rows[normal]
    tables = nslkdd.encodings(usual, lambda counts: sorted(counts.index, key=lambda name: (-counts[name], name)))

    model = IsolationForest(n_estimators=100, max_samples=256, contamination=0.05, random_state=0, n_jobs=1)
    model.fit(nslkdd.encode(usual, tables))
    model = nslkdd.write(HERE, model, tables)

    print("trained on the %d normal rows of the training file" % len(usual))
    report("training file", model, nslkdd.encode(rows, tables), normal)
    test = nslkdd.encode(test_rows, tables)
    report("test file", model, test, test_normal)

    picked = np.random.RandomState(2).choice(len(test_rows), 20, replace=False)
    scores = model.decision_function(test.iloc[picked])
    nslkdd.write_examples(HERE, nslkdd.examples(test_rows, tables, picked),
                          predictions=model.predict(test.iloc[picked]).tolist(),
                          anomalies=[int(s < 0) for s in scores],
                          scores=scores.tolist())


if __name__ == "__main__":
    main()
