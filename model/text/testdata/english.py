"""Writes english.txt: scikit-learn's ENGLISH_STOP_WORDS, the same from 0.18 to 1.9.

    python english.py > ../english.txt
"""

import sklearn
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

print("\n".join(sorted(ENGLISH_STOP_WORDS)))
