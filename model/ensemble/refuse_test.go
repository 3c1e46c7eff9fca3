package ensemble_test

import (
	"math"
	"strings"
	"testing"

	"example.com/mlapi"
	"example.com/mlapi/model/ensemble"
	"example.com/mlapi/model/linear"
)

// TestRefuse gives every constructor what it must not take: each guard in turn.
func TestRefuse(t *testing.T) {
	type members = []ensemble.Member
	type columns = []ensemble.Column
	nan, one := math.NaN(), []float64{1}
	yes := ensemble.Calibrator(func(float64) float64 { return 1 })
	first := func(_ any, err error) error { return err }
	probability := func(n int) *mlapi.Info { return classifier(n, mlapi.Probability) }
	last := func(m mlapi.Model) ensemble.Column { return ensemble.Column{Model: m, Take: ensemble.Last} }
	vote := func(labels ...float64) columns {
		return columns{{Model: shares(0.5, 0.5), Take: ensemble.Label, Labels: labels}}
	}
	average := func(info *mlapi.Info, p ...ensemble.Member) error { return first(ensemble.NewAverage(info, p)) }
	boost := func(n int, how ensemble.Boost, m ...mlapi.Model) error {
		return first(ensemble.NewAdaBoost(probability(n), m, how))
	}
	calibrated := func(p ensemble.CalibratedMember) error {
		return first(ensemble.NewCalibrated(probability(2), []ensemble.CalibratedMember{p}))
	}
	target := func(steps ...ensemble.Transformer) error {
		return first(ensemble.NewTarget(regressor(1), line(1, 0, 0), steps))
	}
	shared := must(linear.NewRegressor(regressor(4), linear.Weights{Coef: make([]float64, 8), Intercept: make([]float64, 4)}))
	scored := labels(1)
	scored.Scores = mlapi.Decision
	gradient := func(info *mlapi.Info, how ensemble.Gradient) error {
		return first(ensemble.NewBoosting(info, stump(), how))
	}
	link := func(at int, feed ensemble.Column) ensemble.Link {
		return ensemble.Link{Output: ensemble.Output{Model: line(1, 0, 0)}, Feed: feed, At: at}
	}
	feed := ensemble.Column{Model: line(1, 0, 0)}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"average of nothing":             {average(probability(2)), "no members"},
		"average without scores":         {average(classifier(2, mlapi.NoScores), ensemble.Member{Model: shares(1, 0), Weight: 1}), "nothing to add up"},
		"weights of 0":                   {average(probability(2), ensemble.Member{Model: shares(1, 0)}), "add up to nothing"},
		"a weight that is no number":     {average(probability(2), ensemble.Member{Model: shares(1, 0), Weight: nan}), "not a finite number"},
		"weights without end":            {average(regressor(1), members{{Model: line(1, 0, 0), Weight: 1e308}, {Model: line(1, 0, 0), Weight: 1e308}}...), "add up to nothing"},
		"another width":                  {average(regressor(1), ensemble.Member{Model: wide(1, 0, 0), Weight: 1}), "takes 3 features"},
		"another width of a choice":      {average(regressor(1), ensemble.Member{Model: line(1, 0, 0), Weight: 1, Features: []int32{0}}), "takes 2 features"},
		"a feature that is not there":    {average(regressor(1), ensemble.Member{Model: line(1, 0, 0), Weight: 1, Features: []int32{0, 2}}), "feature 2 of 2"},
		"a feature below 0":              {average(regressor(1), ensemble.Member{Model: line(1, 0, 0), Weight: 1, Features: []int32{0, -1}}), "feature -1 of 2"},
		"another task":                   {average(regressor(1), ensemble.Member{Model: shares(1), Weight: 1}), "is a classifier"},
		"other classes":                  {average(probability(2), ensemble.Member{Model: shares(0, 0, 1), Weight: 1}), "answers 3 values"},
		"votes for other classes":        {average(probability(2), ensemble.Member{Model: shares(0, 0, 1), Weight: 1, Votes: true}), "answers 3 values"},
		"places of other classes":        {average(probability(3), ensemble.Member{Model: shares(0, 1), Weight: 1, Classes: []int32{0}}), "1 classes of 3"},
		"a place that is not there":      {average(probability(3), ensemble.Member{Model: shares(0, 1), Weight: 1, Classes: []int32{0, 3}}), "class 3 of 3"},
		"no votes":                       {first(ensemble.NewVote(probability(2), nil, nil)), "no members"},
		"weights of others":              {first(ensemble.NewVote(probability(2), vote(0, 1), nil)), "0 weights"},
		"scores for votes":               {first(ensemble.NewVote(probability(2), columns{last(shares(1, 0))}, one)), "gives no vote"},
		"a vote for no class":            {first(ensemble.NewVote(probability(2), vote(0, 2), one)), "class 2 of 2"},
		"half a vote":                    {first(ensemble.NewVote(probability(2), vote(0, 0.5), one)), "class 0.5"},
		"a vote of no number":            {first(ensemble.NewVote(probability(2), vote(0, nan), one)), "class NaN"},
		"a vote's weight":                {first(ensemble.NewVote(probability(2), vote(0, 1), []float64{nan})), "a weight"},
		"too few labels":                 {first(ensemble.NewVote(probability(2), vote(0), one)), "1 numbers for the 2 classes"},
		"a median's weights":             {first(ensemble.NewMedian(regressor(1), columns{{Model: line(1, 0, 0)}}, nil)), "0 weights"},
		"a median of pairs":              {first(ensemble.NewMedian(regressor(1), columns{{Model: shared}}, make([]float64, 4))), "4 numbers"},
		"a weight below 0":               {first(ensemble.NewMedian(regressor(1), columns{{Model: line(1, 0, 0)}}, []float64{-1})), "negative"},
		"a weight of no number":          {first(ensemble.NewMedian(regressor(1), columns{{Model: line(1, 0, 0)}}, []float64{nan})), "finite"},
		"boosting weights":               {boost(2, ensemble.Boost{}, shares(1, 0)), "0 weights"},
		"boosting weights of 0":          {boost(2, ensemble.Boost{Weights: []float64{0}}, shares(1, 0)), "nothing"},
		"boosting of one class":          {boost(1, ensemble.Boost{Weights: one}, shares(1)), "of 1 classes"},
		"boosting of other classes":      {boost(3, ensemble.Boost{Weights: one}, shares(1, 0)), "2 classes, want 3"},
		"boosting without probabilities": {boost(2, ensemble.Boost{Weights: one, Real: true}, side(1, 0, 0)), "no probabilities"},
		"boosting of nothing":            {boost(2, ensemble.Boost{Weights: one}), "no members"},
		"a constant of no number":        {first(ensemble.NewStack(regressor(1), columns{{Constant: nan}}, false, line(1, 0, 0))), "finite"},
		"an unknown take":                {first(ensemble.NewStack(regressor(1), columns{{Model: line(1, 0, 0), Take: 9}}, false, line(1, 0, 0))), "unknown take"},
		"no scores to take":              {first(ensemble.NewStack(regressor(1), columns{{Model: labelled()}}, false, line(1, 0, 0))), "no scores"},
		"a column of another width":      {first(ensemble.NewStack(regressor(1), columns{{Model: wide(1, 0, 0)}}, false, line(1, 0, 0))), "takes 3 features"},
		"a label of several":             {first(ensemble.NewStack(regressor(1), columns{{Model: several(), Take: ensemble.Label, Labels: []float64{0, 1}}}, false, line(1, 0, 0))), "several labels"},
		"the final width":                {first(ensemble.NewStack(regressor(1), columns{{Model: line(1, 0, 0)}}, false, line(1, 0, 0))), "takes 2 features and is given 1"},
		"the final width, passed on":     {first(ensemble.NewStack(regressor(1), columns{{Model: line(1, 0, 0)}}, true, line(1, 0, 0))), "is given 3"},
		"the final answer":               {first(ensemble.NewStack(regressor(1), columns{{Model: line(1, 0, 0)}, {Constant: 1}}, false, shares(1, 0))), "something else"},
		"the last of three":              {first(ensemble.NewOneVsRest(probability(2), columns{last(shares(1, 0, 0))}, ensemble.Rest{})), "those of two classes"},
		"the last of two numbers":        {first(ensemble.NewOneVsRest(probability(2), columns{last(shared)}, ensemble.Rest{})), "those of two classes"},
		"scores of other classes":        {first(ensemble.NewOneVsRest(probability(3), columns{last(shares(1, 0))}, ensemble.Rest{})), "1 scores for 3 classes"},
		"labels of other scores":         {first(ensemble.NewOneVsRest(labels(2), columns{last(shares(1, 0))}, ensemble.Rest{Labels: true})), "1 scores for 2 labels"},
		"labels with scores":             {first(ensemble.NewOneVsRest(scored, columns{last(shares(1, 0))}, ensemble.Rest{Labels: true})), "labels"},
		"a threshold of no number":       {first(ensemble.NewOneVsRest(probability(2), columns{last(shares(1, 0))}, ensemble.Rest{Threshold: nan})), "threshold"},
		"pairs of other classes":         {first(ensemble.NewOneVsOne(classifier(3, mlapi.Decision), []mlapi.Model{side(1, 0, 0)}, 0)), "1 members"},
		"pairs with probabilities":       {first(ensemble.NewOneVsOne(probability(2), []mlapi.Model{side(1, 0, 0)}, 0)), "1 members"},
		"a pair of three":                {first(ensemble.NewOneVsOne(classifier(2, mlapi.Decision), []mlapi.Model{shares(1, 0, 0)}, 0)), "3 classes, want 2"},
		"a book of another size":         {first(ensemble.NewCodes(probability(2), columns{last(shares(1, 0))}, one)), "code book of 1"},
		"a book of no numbers":           {first(ensemble.NewCodes(probability(2), columns{last(shares(1, 0))}, []float64{1, nan})), "code book"},
		"a calibrator":                   {first(ensemble.Sigmoid(nan, 0)), "finite"},
		"calibrators of others":          {calibrated(ensemble.CalibratedMember{Scores: last(side(1, 0, 0)), Classes: []int32{1}}), "0 calibrators"},
		"calibrated classes":             {calibrated(ensemble.CalibratedMember{Scores: last(side(1, 0, 0)), Calibrators: []ensemble.Calibrator{yes}}), "0 of 2 classes"},
		"two scores of two classes":      {calibrated(ensemble.CalibratedMember{Scores: ensemble.Column{Model: shares(1, 0)}, Classes: []int32{0, 1}, Calibrators: []ensemble.Calibrator{yes, yes}}), "2 scores"},
		"a calibrated class":             {calibrated(ensemble.CalibratedMember{Scores: last(side(1, 0, 0)), Classes: []int32{2}, Calibrators: []ensemble.Calibrator{yes}}), "class 2 of 2"},
		"no calibrator":                  {calibrated(ensemble.CalibratedMember{Scores: last(side(1, 0, 0)), Classes: []int32{1}, Calibrators: []ensemble.Calibrator{nil}}), "no calibrator"},
		"a temperature":                  {calibrated(ensemble.CalibratedMember{Scores: last(side(1, 0, 0)), Temperature: nan}), "temperature"},
		"a temperature of others":        {calibrated(ensemble.CalibratedMember{Scores: ensemble.Column{Model: shares(1, 0, 0)}, Temperature: 1}), "3 scores"},
		"calibrated nothing":             {first(ensemble.NewCalibrated(probability(2), nil)), "no members"},
		"an output too few":              {first(ensemble.NewOutputs(regressor(2), []ensemble.Output{{Model: line(1, 0, 0)}})), "1 models for 2 outputs"},
		"an output of another task":      {first(ensemble.NewOutputs(regressor(1), []ensemble.Output{{Model: shares(1)}})), "is a classifier"},
		"an output of another width":     {first(ensemble.NewOutputs(regressor(1), []ensemble.Output{{Model: wide(1, 0, 0)}})), "takes 3 features"},
		"an output of several":           {first(ensemble.NewOutputs(regressor(1), []ensemble.Output{{Model: shared}})), "4 outputs of its own"},
		"an output's classes":            {first(ensemble.NewOutputs(labels(1), []ensemble.Output{{Model: shares(1, 0)}})), "0 of its 2 classes"},
		"an output's class":              {first(ensemble.NewOutputs(labels(1), []ensemble.Output{{Model: shares(1, 0), Classes: []int32{0, 2}}})), "class 2 of 2"},
		"an order of others":             {first(ensemble.NewChain(regressor(1), []ensemble.Link{link(1, feed)})), "order"},
		"an order with one twice":        {first(ensemble.NewChain(regressor(2), []ensemble.Link{link(0, feed), link(0, feed)})), "order"},
		"a chain of another width":       {first(ensemble.NewChain(regressor(2), []ensemble.Link{link(0, feed), link(1, feed)})), "takes 2 features, want 3"},
		"a chain that feeds nothing":     {first(ensemble.NewChain(regressor(1), []ensemble.Link{link(0, ensemble.Column{Model: shares(1, 0)})})), "no number"},
		"shares of others":               {first(ensemble.NewShares(labels(2), shared, [][]int32{{0, 1}}, 4)), "4 numbers for 1 outputs"},
		"shares of no class":             {first(ensemble.NewShares(labels(2), shared, [][]int32{{0, 1}, {}}, 2)), "0 classes"},
		"shares of too many":             {first(ensemble.NewShares(labels(2), shared, [][]int32{{0, 1}, {0, 1, 1}}, 2)), "3 classes of 2"},
		"shares of a class":              {first(ensemble.NewShares(labels(2), shared, [][]int32{{0, 1}, {0, 2}}, 2)), "class 2 of 2"},
		"shares of a classifier":         {first(ensemble.NewShares(labels(2), shares(1, 0), [][]int32{{0}, {0}}, 1)), "numbers for 2 outputs"},
		"a target of others":             {first(ensemble.NewTarget(regressor(2), line(1, 0, 0), nil)), "1 outputs, want 2"},
		"a target without a step":        {target(nil), "a step is missing"},
		"scales of others":               {first(ensemble.Unscale([]float64{1, 2}, nil, 1)), "2 numbers for 1 outputs"},
		"a scale of no number":           {first(ensemble.Unscale([]float64{nan}, nil, 1)), "finite"},
		"ranges of others":               {first(ensemble.Unrange(one, nil, 1)), "for 1 outputs"},
		"a range of no number":           {first(ensemble.Unrange(one, []float64{nan}, 1)), "finite"},
		"exponents of others":            {first(ensemble.Unpower(nil, true, 1)), "0 exponents"},
		"an exponent of no number":       {first(ensemble.Unpower([]float64{nan}, true, 1)), "finite"},
		"quantiles of others":            {first(ensemble.Unrank(one, nil, false, 1)), "0 outputs"},
		"no quantiles":                   {first(ensemble.Unrank(nil, [][]float64{nil}, false, 1)), "quantiles"},
		"references that descend":        {first(ensemble.Unrank([]float64{1, 0}, [][]float64{{0, 1}}, false, 1)), "ascend"},
		"too few quantiles":              {first(ensemble.Unrank([]float64{0, 1}, [][]float64{{0}}, false, 1)), "another number"},
		"a quantile of no number":        {first(ensemble.Unrank([]float64{0, 1}, [][]float64{{0, nan}}, false, 1)), "finite"},
		"a threshold of three classes":   {first(ensemble.NewThreshold(probability(3), shares(1, 0, 0), 0, 1)), "two classes"},
		"a threshold that is none":       {first(ensemble.NewThreshold(probability(2), shares(1, 0), nan, 1)), "no threshold"},
		"a threshold of no class":        {first(ensemble.NewThreshold(probability(2), shares(1, 0), 0, 2)), "two classes"},
		"a threshold of other scores":    {first(ensemble.NewThreshold(probability(2), side(1, 0, 0), 0, 1)), "two classes"},
		"a threshold of another width":   {first(ensemble.NewThreshold(threeFeatures(), shares(1, 0), 0, 1)), "takes 2 features"},
		"a pair of other classes":        {first(ensemble.NewPair(probability(2), shares(1, 0), shares(1, 0, 0))), "different classes"},
		"a pair of other scores":         {first(ensemble.NewPair(probability(2), shares(1, 0), side(1, 0, 0))), "other scores"},
		"a constant too many":            {first(ensemble.NewConstant(regressor(1), nil, []float64{1, 2})), "another number"},
		"a constant class too many":      {first(ensemble.NewConstant(probability(2), []int32{0, 1}, []float64{1, 0})), "another number"},
		"a constant that is no class":    {first(ensemble.NewConstant(probability(2), []int32{2}, []float64{1, 0})), "no class"},
		"a constant that is no number":   {first(ensemble.NewConstant(regressor(1), nil, []float64{nan})), "finite"},
		"boosted outliers":               {gradient(&mlapi.Info{Task: mlapi.OutlierDetector, Features: features(2)}, ensemble.Gradient{}), "make no outlier"},
		"boosted trees of another width": {gradient(oneFeature(), ensemble.Gradient{}), "1 features"},
		"boosted numbers":                {gradient(regressor(2), ensemble.Gradient{}), "1 sums, want 2"},
		"boosted without a choice":       {gradient(probability(2), ensemble.Gradient{Link: ensemble.Softmax}), "1 sums for 2 classes"},
		"boosted from nowhere":           {gradient(regressor(1), ensemble.Gradient{Start: line(1, 0, 0)}), "start from"},
		"boosted from another width":     {gradient(regressor(1), ensemble.Gradient{Start: wide(1, 0, 0), StartLink: ensemble.Softmax}), "start from"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, c.err, c.want)
		}
	}
}

// labelled is a classifier without scores, several one of two outputs.
func labelled() mlapi.Model {
	return must(ensemble.NewConstant(classifier(2, mlapi.NoScores), []int32{1}, nil))
}

func several() mlapi.Model { return must(ensemble.NewConstant(labels(2), []int32{1, 0}, nil)) }

func threeFeatures() *mlapi.Info {
	info := classifier(2, mlapi.Probability)
	info.Features = features(3)
	return info
}
