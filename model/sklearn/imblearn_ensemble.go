package sklearn

import (
	"example.com/mlapi"
	"example.com/mlapi/model/pickle"
)

// balancedClasses are the ensembles of imbalanced-learn: those of scikit-learn, whose
// members were each trained with samples of their own. They predict alike.
func balancedClasses() []class {
	balanced := func(name, module string, build func(a *attrs) mlapi.Model) class {
		return class{
			name: name, modules: []string{"imblearn.ensemble." + module, "imblearn.ensemble.classifier"},
			model: func(a *attrs) mlapi.Model {
				a.borrowVersion()
				if a.err != nil {
					return nil
				}
				return build(a)
			},
		}
	}
	return []class{
		balanced("BalancedRandomForestClassifier", "_forest", forestClassifier),
		balanced("BalancedBaggingClassifier", "_bagging", baggingClassifier),
		balanced("EasyEnsembleClassifier", "_easy_ensemble", baggingClassifier),
		balanced("RUSBoostClassifier", "_weight_boosting", adaboostClassifier),
	}
}

// borrowVersion reads the release of scikit-learn off the first member: only classes
// of scikit-learn itself say which one wrote them.
func (a *attrs) borrowVersion() {
	members := a.list("estimators_")
	if a.err != nil || a.written != "" || len(members) == 0 {
		return // no members is an error of whoever reads them
	}
	o, _ := members[0].(*pickle.Object)
	for depth := 0; o != nil && depth < maxNesting; depth++ {
		member := a.r.open(o, a)
		if member == nil || member.err != nil {
			return // an error of whoever builds it
		}
		if member.written != "" {
			a.written, a.version = member.written, member.version
			return
		}
		o = member.lastMember()
	}
}

// lastMember returns the last step of a pipeline, nil of all else.
func (a *attrs) lastMember() *pickle.Object {
	if a.class.name != "Pipeline" {
		return nil
	}
	steps := a.steps()
	if a.err != nil {
		return nil
	}
	o, _ := steps[len(steps)-1].(*pickle.Object)
	return o
}
