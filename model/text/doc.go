// Package text turns texts into features by counting their words or characters, as
// scikit-learn's vectorisers do.
//
// An [Analysis] says what the terms of a text are, and a vectoriser what becomes of
// them:
//
//	a, err := text.NewAnalysis(text.Options{Lowercase: true, Pattern: text.DefaultPattern, MinN: 1, MaxN: 2})
//	v, err := text.NewCounter(a, map[string]int{"free": 0, "free money": 1, "money": 2}, 3, text.Weights{Norm: text.L2})
//
// [NewCounter] counts the terms of a vocabulary (CountVectorizer, TfidfVectorizer),
// [NewHasher] those that fall on the same remainder of a hash (HashingVectorizer), and
// [NewWeigher] weighs what was counted before (TfidfTransformer). All of them are a
// transform.Transformer and give sparse matrices; vectorisers take one column of texts.
//
// # From a text to its terms
//
// As in scikit-learn: the text becomes lower case, then loses its accents, then is
// split. Words are split by a token pattern, lose the stop words and are joined by
// spaces to n-grams; characters are counted in n-grams of the whole text or, padded
// with spaces, of each word.
//
// What a letter, a digit or a space is and how it becomes lower case is Python's rule
// with Unicode 15.0, which Go and Python 3.12 have. Other releases of Python differ in
// characters that were added to Unicode before or since, and in nothing else.
//
// # Token patterns
//
// A pattern has the meaning that Python's re gives it: \w, \d, \s and \b go by Unicode,
// and of alternatives the first that fits counts. What cannot be given exactly that
// meaning is refused: look-around, references, flags other than (?u) and (?a), "$", patterns that
// match nothing and more than one group.
//
// # Cost
//
// A term is looked up in the text where it stands, so that none is allocated; a text
// costs about 30 ns for each term. Vectorisers are safe for concurrent use.
package text
