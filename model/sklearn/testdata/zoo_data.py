"""The tables that the zoo's models are trained on and asked about.

TRAIN[name] is a table to train on, ROWS[name] the rows that are asked, both lists of
rows of numbers, texts and None; COLUMNS[name] names their columns. The same on every
version of numpy: all comes from RandomState, whose stream is frozen.

Half of the rows of numbers lie on multiples of 1/16, and what is trained on lies on
multiples of 1/8: so a tree's thresholds, which lie midway, are met exactly.
"""

import numpy as np

N, M = 120, 200  # rows to train on, rows to ask


def _numbers(seed, n):
    rng = np.random.RandomState(seed)
    return rng.normal(size=(n, 4)) * [1, 2, 5, 1], rng.randint(0, 8, size=n)


def _table(array):
    return [[None if v != v else float(v) + 0.0 for v in row] for row in array]


def _train_numbers():
    x, kind = _numbers(20, N)
    x = np.rint(x * 8) / 8
    x[:, 3] = kind
    return x


def _ask_numbers():
    x, kind = _numbers(23, M)
    x = x * [1.2, 1.2, 1.2, 1]
    x[:M // 2] = np.rint(x[:M // 2] * 16) / 16
    x[M // 2:] = np.rint(x[M // 2:] * 100) / 100
    x[:, 3] = kind + np.random.RandomState(24).randint(-1, 2, size=M)
    x[3], x[7, :3] = 0, [250, -1000, 65536]  # nothing, and far away
    return x


def _holes(x, seed, share=0.15):
    x = x.copy()
    x[np.random.RandomState(seed).uniform(size=x.shape) < share] = np.nan
    return x


X = _train_numbers()
_rng = np.random.RandomState(21)
SIGNAL = X[:, 0] + 0.5 * X[:, 1] - 0.2 * X[:, 2] + (X[:, 3] > 4) + _rng.normal(scale=0.4, size=N)
WEIGHTS = np.rint(_rng.uniform(0.1, 3, size=N) * 16) / 16

TWO = (SIGNAL > 0.5).astype(np.int64)
THREE = np.digitize(SIGNAL, [-0.6, 1.2]).astype(np.int64)
STRINGS = np.array(["normal", "attack"])[TWO]
STRINGS3 = np.array(["low", "gr\u00f6\u00dfer", "\u9ad8"])[THREE]
NUMBERS = np.rint(SIGNAL * 8) / 8
POSITIVE = np.rint(np.exp(SIGNAL / 3) * 16) / 16 + 0.0625
BOTH = np.column_stack([NUMBERS, np.rint((X[:, 2] - X[:, 1]) * 4) / 4])
LABELS = np.column_stack([TWO, (X[:, 1] > 0).astype(np.int64), (THREE == 1).astype(np.int64)])
TARGETS = np.column_stack([THREE, (X[:, 1] > 0) * 5])
NAMED = np.column_stack([STRINGS3, np.array(["no", "yes"])[(X[:, 1] > 0).astype(int)]]).astype(object)


# ---- distances: no two of them equal, so that nearest neighbours have one order ----

def _spread(seed, n):
    rng = np.random.RandomState(seed)
    return np.rint(rng.normal(size=(n, 3)) * [1000, 2000, 500]) / 1000


def _ask_spread():
    x = _spread(41, M)
    x[5:9] = _spread(40, 60)[:4]  # rows that were trained on: the distance is 0
    return x


# ---- counts, for what takes nothing below 0 ----

def _counts(seed, n):
    rng = np.random.RandomState(seed)
    return rng.poisson([1, 3, 0.5, 2, 6], size=(n, 5)).astype(float)


def _ask_counts():
    x = _counts(31, M)
    x[4], x[5] = 0, [0.5, 0.25, 3.5, 0, 1e6]
    return x


COUNTS = _counts(30, N)
COUNT_CLASSES = (COUNTS[:, 1] + np.random.RandomState(32).randint(0, 3, size=N) > COUNTS[:, 3] + 1).astype(int) + (COUNTS[:, 4] > 8)


# ---- categories ----

COLOURS = ["red", "green", "blue", "gr\u00fcn", "Red"]
CITIES = ["Oslo", "Bergen", "\u6771\u4eac", "S\u00e3o Paulo", "Rome", "Paris", "Nairobi"]
SIZES = ["S", "M", "L"]


def _choose(rng, of, n, skew=1.6):
    at = np.floor(len(of) * rng.uniform(size=n) ** skew).astype(int)
    return [of[i] for i in at]


def _categories(seed, n):
    rng = np.random.RandomState(seed)
    return [list(row) for row in zip(_choose(rng, COLOURS, n), _choose(rng, CITIES, n), _choose(rng, SIZES, n, 1))]


def _codes(seed, n):
    rng = np.random.RandomState(seed)
    return [[float(a), float(b) / 2, float(c)] for a, b, c in zip(
        _choose(rng, [1, 2, 3, 5, 8], n), _choose(rng, [-1, 0, 1, 3], n), _choose(rng, [0, 1], n, 1))]


def _wild(rows, strange, seed, n=40):
    """The first n rows with strange values strewn in: one column after the other, then several."""
    rng = np.random.RandomState(seed)
    out = []
    for i, row in enumerate(rows[:n]):
        row = list(row)
        for j in [i % len(row)] if i < n * 3 // 4 else range(len(row)):
            row[j] = strange[j][rng.randint(len(strange[j]))]
        out.append(row)
    return out


# ---- numbers and categories together ----

MIXED_NAMES = ["age", "sex", "city", "fare", "rooms"]


def _mixed(seed, n):
    rng = np.random.RandomState(seed)
    age = np.rint(rng.uniform(1, 90, size=n) * 2) / 2
    fare = np.rint(rng.exponential(30, size=n) * 8) / 8
    rooms = rng.randint(1, 5, size=n)
    sex, city = _choose(rng, ["male", "female"], n, 1.2), _choose(rng, CITIES[:5], n)
    return [[float(a), s, c, float(f), float(r)] for a, s, c, f, r in zip(age, sex, city, fare, rooms)]


MIXED = _mixed(50, N)
_score = np.array([r[0] / 40 + 2 * (r[1] == "female") + r[3] / 60 - (r[2] == "Oslo") for r in MIXED])
SURVIVED = (_score + np.random.RandomState(52).normal(scale=0.3, size=N) > 2.2).astype(np.int64)
PRICE = np.rint(_score * 80) / 8


# ---- texts ----

WORDS = ("free money now win prize click offer cheap urgent meeting report project lunch tomorrow the a and of is with "
         "invoice please caf\u00e9 na\u00efve \u00fcber stra\u00dfe don't e-mail 2024 x1 \u4f60\u597d \u043f\u0440\u0438\u0432\u0435\u0442 Hello WORLD I").split()
STRANGE = [
    "", " ", "\t\n", "the and of", "!!! ??? ...", "FREE Money", "caf\u00e9 cafe\u0301 CAF\u00c9", "stra\u00dfe STRASSE \u1e9e", "a b c d",
    "na\u00efve-na\u00efve na\u00efve", "don't DON'T dont", "e-mail@free.com", "free_money free money", "  free   money  ",
    "\u4f60\u597d\u4f60\u597d\u3002\u4f60\u597d", "\U0001f600 free \U0001f600\U0001f600", "x1 X1 1x 12 3", "\u0130stanbul \u0131 I \u01c5 \u2160", "\u041f\u0420\u0418\u0412\u0415\u0422",
    "free\u00a0money\u2003now\u200bwin", "free\x00money\x1fnow\x85x", "word " * 50, "supercalifragilistic", "\u00bd \u00b2 \u0664\u0665 \u0968", "a\u0300\u0301 \u0e01\u0e33\u0e25\u0e31\u0e07",
    "line one\nline two\r\nline three", "tab\tseparated\tfree", "<b>free</b> &amp; money", "'quoted' \"win\" \u00abprize\u00bb", "\ufb01ne \uff46\uff52\uff45\uff45 \u212b",
]


def _texts(seed, n):
    rng = np.random.RandomState(seed)
    out = []
    for _ in range(n):
        words = [WORDS[i] for i in np.floor(len(WORDS) * rng.uniform(size=rng.randint(1, 12)) ** 1.4).astype(int)]
        out.append([[" ", ", ", " - ", "! "][rng.randint(4)].join(words)])
    return out


TEXTS = _texts(60, 60)
SPAM = np.array([sum(w in t for w in WORDS[:9]) >= 2 for t, in TEXTS]).astype(int)
TOPIC = np.array(["ham", "spam", "work"])[SPAM + (1 - SPAM) * 2 * np.array(["e" in t[:6] for t, in TEXTS])]


# ---- records, for DictVectorizer ----

def _records(seed, n):
    rng = np.random.RandomState(seed)
    return [[c, float(t) / 4, k] for c, t, k in zip(_choose(rng, CITIES[:4], n), rng.randint(-20, 60, size=n), _choose(rng, SIZES, n))]


TRAIN = {
    "numbers": _table(X), "holes": _table(_holes(X, 22)), "spread": _table(_spread(40, 60)), "counts": _table(COUNTS),
    "categories": _categories(33, N), "codes": _codes(34, N), "mixed": MIXED, "texts": TEXTS, "records": _records(70, 40),
    "zeros": _table(np.where(np.isnan(_holes(X, 25)), 0, X)),
}
TRAIN["mixed_holes"] = [[None if (i + j * 3) % 11 == 0 else v for j, v in enumerate(row)] for i, row in enumerate(MIXED)]

# One column of labels; and missing values where texts, or codes, stand.
TRAIN["labels"] = [[row[0]] for row in TRAIN["categories"]]
TRAIN["label_codes"] = [[row[0]] for row in TRAIN["codes"]]
TRAIN["label_two"] = [[("no", "yes")[i % 3 == 0]] for i in range(N)]
TRAIN["mixed_text_holes"] = [[None if j in (1, 2) and (i + j * 3) % 11 == 0 else v for j, v in enumerate(row)] for i, row in enumerate(MIXED)]
TRAIN["holes_codes"] = [[None if (i + j) % 9 == 0 else v for j, v in enumerate(row)] for i, row in enumerate(TRAIN["codes"])]



def _ascii(rows):
    """Mixed rows whose cities have ASCII names."""
    names = {"\u6771\u4eac": "Tokyo", "S\u00e3o Paulo": "Lima"}
    return [[names.get(v, v) for v in row] for row in rows]


TRAIN["mixed_ascii"] = _ascii(MIXED)

_known, _codes_known, _mixed_known, _records_known = _categories(35, M), _codes(36, M), _mixed(51, M), _records(71, M)
ROWS = {
    "numbers": _table(_ask_numbers()),
    "holes": _table(_holes(_ask_numbers()[:40], 26, 0.3)),
    "spread": _table(_ask_spread()),
    "counts": _table(_ask_counts()),
    "categories": _known,
    "categories_wild": _wild(_known, [["violet", "RED", "", None], ["oslo", "Rome ", None], ["XL", None]], 37),
    "codes": _codes_known,
    "codes_wild": _wild(_codes_known, [[4.0, -7.0, None], [0.25, 1e300, None], [2.0, None]], 38),
    "mixed": _mixed_known, "mixed_ascii": _ascii(_mixed_known),
    "mixed_wild": _wild(_mixed_known, [[None, 0.0, -3.5], [None, "other"], ["Atlantis", None], [None, 1e9], [None, 7.0]], 53),
    "texts": [[t] for t in STRANGE] + _texts(61, M - len(STRANGE)),
    "records": _records_known,
    "records_wild": _wild(_records_known, [["Atlantis", None], [None, 0.0], ["XXL", None]], 72),
    "labels": [[row[0]] for row in _known], "labels_wild": [["violet"], ["RED"], [""], ["red "]], "labels_strange": [["violet"], ["RED"], [""]],
    "label_codes": [[row[0]] for row in _codes_known], "label_codes_wild": [[4.0], [-7.0], [0.0]], "label_two": [[("yes", "no")[i % 7 < 3]] for i in range(40)],
    "holes_train": _table(_holes(_ask_numbers(), 27)),
}

NUMBER_NAMES = ["length", "width", "height", "kind"]
_named = {"numbers": NUMBER_NAMES, "holes": NUMBER_NAMES, "holes_train": NUMBER_NAMES, "spread": ["a", "b", "c"],
          "counts": ["c0", "c1", "c2", "c3", "c4"], "categories": ["colour", "city", "size"], "codes": ["p", "q", "r"],
          "mixed": MIXED_NAMES, "mixed_ascii": MIXED_NAMES, "texts": ["text"], "records": ["city", "temperature", "size"], "labels": ["label"], "labels_strange": ["label"], "label_codes": ["label"], "label_two": ["label"]}
COLUMNS = {name: _named[name.replace("_wild", "")] for name in ROWS}
