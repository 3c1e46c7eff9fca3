"""What both samples share: the data, the categories' numbers, the files that are written."""

import csv
import hashlib
import json
import os

import joblib
import numpy as np
import pandas

TRAIN, TEST = "KDDTrain+_20Percent.txt", "KDDTest+.txt"

# Of the 43 columns of the files, where each that is used stands.
FEATURES = {"protocol_type": 1, "service": 2, "flag": 3, "src_bytes": 4, "dst_bytes": 5,
            "logged_in": 11, "count": 22, "same_srv_rate": 28}
CATEGORIES = ["protocol_type", "service", "flag"]
CLASS = 41
RARE = 50  # a category with fewer rows in the training file than this is OTHER


def read(folder, name):
    """The features of a file, and for each row whether it is normal traffic."""
    table = pandas.read_csv(os.path.join(folder, name), header=None)
    rows = table[list(FEATURES.values())].copy()
    rows.columns = list(FEATURES)
    # The data has a service of its own called "other". The server compares names without regard to case, so beside
    # OTHER it would be a second name for the same category, and be encoded as OTHER whatever its number here. It means
    # the same, too: none of the services that have a name.
    rows["service"] = rows["service"].replace("other", "OTHER")
    return rows, (table[CLASS] == "normal").to_numpy()


def encodings(rows, order):
    """For each category column its names in the order of their numbers: order(counts) of those that are neither rare
    nor OTHER already, then OTHER."""
    tables = {}
    for column in CATEGORIES:
        counts = rows[column].value_counts()
        tables[column] = order(counts[counts >= RARE].drop("OTHER", errors="ignore")) + ["OTHER"]
    return tables


def encode(rows, tables):
    """rows with numbers for names; a name that has none gets OTHER's."""
    out = rows.copy()
    for column, names in tables.items():
        numbers = {name: i for i, name in enumerate(names)}
        out[column] = [numbers.get(name, numbers["OTHER"]) for name in rows[column]]
    return out.astype(np.float64)


def clean(model):
    """Sets the unused bytes between the fields of the trees' nodes to 0: they are whatever the memory held, and the
    same training is to write the same file."""
    for owner in model.estimators_:
        cls, args, state = owner.tree_.__reduce__()
        nodes = np.zeros(state["nodes"].shape, state["nodes"].dtype)
        for field in nodes.dtype.names:
            nodes[field] = state["nodes"][field]
        nodes["missing_go_to_left"][nodes["left_child"] < 0] = 0
        twin = cls(*args)
        twin.__setstate__(dict(state, nodes=nodes))
        owner.tree_ = twin


def write(folder, model, tables):
    """Writes model.joblib and encoding.csv; returns the model as read back, which is what the examples come from."""
    clean(model)
    path = os.path.join(folder, "model.joblib")
    joblib.dump(model, path, compress=("zlib", 9))
    with open(os.path.join(folder, "encoding.csv"), "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["column", "name", "category", "encoding"])
        for column, names in tables.items():
            for number, name in enumerate(names):
                out.writerow([list(FEATURES).index(column), column, name, number])
    with open(path, "rb") as f:
        content = f.read()
    print("model.joblib: %d bytes, SHA-256 %s" % (len(content), hashlib.sha256(content).hexdigest()))
    print("trees: %d, nodes: %d" % (len(model.estimators_), sum(t.tree_.node_count for t in model.estimators_)))
    return joblib.load(path)


def examples(rows, tables, picked):
    """The picked rows as a client sends them: names, OTHER for a name without a number, and whole numbers as such."""
    out = []
    for _, row in rows.iloc[picked].iterrows():
        cells = []
        for column, value in row.items():
            if column in tables:
                cells.append(value if value in tables[column] else "OTHER")
            else:
                cells.append(int(value) if float(value).is_integer() else float(value))
        out.append(cells)
    return out


def write_examples(folder, rows, **answers):
    """Writes examples.json, one row a line."""
    parts = ['"rows": [\n%s\n]' % ",\n".join(json.dumps(row) for row in rows)]
    parts += ['"%s": %s' % (key, json.dumps(values)) for key, values in answers.items()]
    with open(os.path.join(folder, "examples.json"), "w", newline="\n", encoding="utf-8") as f:
        f.write("{\n" + ",\n".join(parts) + "\n}\n")
