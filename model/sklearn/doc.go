// Package sklearn reads estimators that scikit-learn saved with joblib or pickle
// and makes models of them, without Python and without running anything.
//
// [Format] is how model.Open finds it:
//
//	m, err := model.Open("model.joblib", []model.Format{sklearn.Format()})
//	...
//	fmt.Println(m.Info().Estimator, m.Info().Writer) // RandomForestClassifier scikit-learn 1.5.2
//
// # What is served
//
// Files of scikit-learn 0.18 to 1.9, of all pickle protocols and compressions, that
// hold an estimator, a pipeline, a transformer, or a dict, list or tuple of them:
//
//   - trees, forests, boosting of all kinds, isolation forests
//   - linear models, generalised and by least angles, partial least squares, isotonic
//     regression, support vector machines, kernel ridge, naive Bayes, discriminant
//     analysis, nearest neighbours, multi-layer perceptrons
//   - clusters and mixtures that predict, outliers by their neighbours, dummies
//   - what is made of other estimators: voting, stacking (of one output), bagging,
//     calibration, one against the rest, several outputs, searches, thresholds,
//     self-training, transformed targets, frozen estimators
//   - scalers, encoders, imputers, selections, projections, functions of numpy, column
//     transformers and unions
//   - vectorisers of texts and of records
//   - the wrappers of XGBoost and LightGBM, and imbalanced-learn's pipelines, samplers
//     and ensembles
//
// docs/exactness.md has all of them by name, with the releases that they were compared
// with and the largest difference. Everything else is refused by its full name: the
// error of model.Open names the first class or function in the file that is not known
// here.
//
// # How a file becomes a model
//
// Package pickle turns the file into data: a class is a name, an instance is that
// name with a dictionary. The table of [classes] says which names may occur, under
// all the module paths they ever had (sklearn.ensemble.forest became
// sklearn.ensemble._forest in 0.22). Each has a builder, which reads the attributes
// that it needs through attrs and hands them to an evaluator: model/tree,
// model/linear, model/transform. To serve another estimator is to write one file
// with a table and a builder.
//
// What an attribute means may depend on the release that wrote it, which every
// file says: leaves of classification trees hold counts up to 1.3 and shares from
// 1.4, where missing values go is stored since 1.3, multi_class of a
// LogisticRegression has meant several things. Each such rule stands next to the
// code that follows it, with its source. A release after the newest that is known
// is refused, for the attributes are private and change without notice.
//
// # Missing values
//
// A model accepts NaN where the estimator did in the release that wrote it:
//
//	DecisionTree*      1.3   splitter best (since 1.6 also random), usual criteria, unconstrained
//	RandomForest*      1.4   as its first tree
//	ExtraTree*         1.6   splitter random (before, as DecisionTree: splitter best)
//	ExtraTrees*        1.6   as its first tree
//	IsolationForest    1.6
//	HistGradient*      always
//
// All others refuse it with the row and the column. Scalers and imputers take it.
//
// # Trust
//
// A model file is taken to be hostile: see package pickle for what reading one
// cannot do, and package tree for what a tree has to satisfy. An attribute that is
// missing, of another type or in contradiction to another one is an [Error] that
// names the class, the release and the attribute.
package sklearn
