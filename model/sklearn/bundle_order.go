package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"example.com/mlapi"
)

// order returns the transformers in the order in which they are applied: that of a
// list; of a dict the only one in which the numbers of columns fit, or the usual one.
func (b *bundle) order(steps []mlapi.Model, last mlapi.Model) ([]mlapi.Model, error) {
	if len(steps) == 1 && last != nil && steps[0].Info().Outputs != len(last.Info().Features) {
		return nil, b.partial(steps[0].Info(), last.Info())
	}
	if b.ordered || len(steps) < 2 {
		for i, m := range b.transformers {
			b.uses[m.path] = applied(i, len(steps))
		}
		return steps, nil
	}
	if len(steps) > maxOrder {
		return nil, b.several("transformers", b.transformers)
	}
	rank := func(i int) int { return usualPlace(b.transformers[i].a.class.name) }
	var fitting [][]int
	permute(len(steps), func(order []int) {
		for k := range order[1:] {
			if steps[order[k]].Info().Outputs != len(steps[order[k+1]].Info().Features) {
				return
			}
		}
		if last != nil && steps[order[len(order)-1]].Info().Outputs != len(last.Info().Features) {
			return
		}
		fitting = append(fitting, slices.Clone(order))
	})
	if len(fitting) > 1 {
		fitting = slices.DeleteFunc(fitting, func(order []int) bool {
			return !slices.IsSortedFunc(order, func(i, j int) int { return rank(i) - rank(j) })
		})
	}
	if len(fitting) != 1 {
		return nil, b.unclear("in which order its transformers are applied is not plain")
	}
	ordered := make([]mlapi.Model, 0, len(steps))
	for k, i := range fitting[0] {
		ordered = append(ordered, steps[i])
		b.uses[b.transformers[i].path] = applied(k, len(steps))
	}
	return ordered, nil
}

// applied says at which place of n a transformer is applied.
func applied(i, n int) string {
	if n == 1 {
		return "applied before the model"
	}
	return fmt.Sprintf("applied as number %d of %d", i+1, n)
}

// partial is the error for a transformer that makes other columns than the model takes.
func (b *bundle) partial(t, m *mlapi.Info) error {
	err := b.unclear(fmt.Sprintf("%s (%s) takes %d columns and makes %d, and %s (%s) takes %d: which columns they are is not plain",
		b.transformers[0].path, t.Estimator, len(t.Features), t.Outputs, b.predictors[0].path, m.Estimator, len(m.Features)))
	err.hint += ", in which a ColumnTransformer says which columns it is for"
	return err
}

// usualPlace ranks transformers by where they usually stand: what fills gaps, what
// makes numbers of categories and texts, what scales, what selects or projects.
func usualPlace(class string) int {
	switch {
	case strings.Contains(class, "Imputer"):
		return 0
	case strings.HasSuffix(class, "Encoder"), strings.HasSuffix(class, "Vectorizer"), class == "ColumnTransformer":
		return 1
	case strings.HasSuffix(class, "Scaler"), class == "TfidfTransformer", class == "Normalizer":
		return 2
	}
	return 3
}

// permute calls do with every order of 0..n-1. do must not keep it.
func permute(n int, do func(order []int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var place func(k int)
	place = func(k int) {
		if k == n {
			do(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			place(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	place(0)
}

// several is the error for more members of one sort than can be used.
func (b *bundle) several(what string, list []entry) *Error {
	return b.unclear(fmt.Sprintf("it holds %d %s", len(list), what))
}

// unclear is the error for a bundle whose parts do not make one model plainly.
func (b *bundle) unclear(why string) *Error {
	var found []string
	for _, list := range [][]entry{b.predictors, b.transformers, b.decoders} {
		for _, m := range list {
			if len(found) == 12 {
				found = append(found, "...")
				break
			}
			found = append(found, fmt.Sprintf("%s (%s)", m.path, m.a.class.name))
		}
	}
	if len(found) == 0 {
		return &Error{What: "the file holds no model that is plain: " + why, hint: hintTop, unsupported: true}
	}
	return &Error{
		What: "the file holds several things: " + why,
		hint: fmt.Sprintf("it holds %s; %s, or save one Pipeline of them", strings.Join(found, ", "), b.choice()), unsupported: true,
	}
}

// choice says how to name the parts that one wants.
func (b *bundle) choice() string {
	best := b.root
	for _, list := range [][]entry{b.predictors, b.transformers} {
		if len(list) > 0 {
			best = list[0].path
			break
		}
	}
	several := "model.pkl#PATH,model.pkl#PATH"
	if len(b.predictors) == 1 && b.fitting != "" {
		several = fmt.Sprintf("model.pkl#%s,model.pkl#%s", b.fitting, best)
	}
	return fmt.Sprintf("choose one by its path, as in API_MODEL_FILEPATH='model.pkl#%s', several in order as in '%s'", best, several)
}
