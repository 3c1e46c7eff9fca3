package svm

import "math"

// probabilities writes a probability per class, as libsvm's svm_predict_probability
// does: those of each pair by Platt's sigmoid, then coupled.
func (c *Classifier) probabilities(dst []float64, r *room) {
	const least = 1e-7
	n := c.classes
	pairs := r.more[2*n:] // n x n: at i, j the probability of i against j
	p := 0
	for i := range n {
		for j := i + 1; j < n; j++ {
			v := min(max(platt(r.sums[p], c.how.ProbA[p], c.how.ProbB[p]), least), 1-least)
			pairs[i*n+j], pairs[j*n+i] = v, 1-v
			p++
		}
	}
	couple(dst, pairs, r.more[:n], r.more[n:2*n])
}

// platt returns 1/(1+exp(a*decision+b)) without a large exponential.
func platt(decision, a, b float64) float64 {
	z := decision*a + b
	if z >= 0 {
		return math.Exp(-z) / (1 + math.Exp(-z))
	}
	return 1 / (1 + math.Exp(z))
}

// couple finds the probabilities p that go best with those of the pairs (Wu, Lin,
// Weng, "Probability estimates for multi-class classification by pairwise coupling",
// JMLR 5, 2004, second approach), with the iteration and the end of libsvm's
// multiclass_probability. pairs is n x n; qp and diagonal are room for n values.
func couple(p, pairs, qp, diagonal []float64) {
	n := len(p)
	const rounds = 100
	enough := 0.005 / float64(n)
	for t := range n {
		p[t] = 1 / float64(n)
		diagonal[t] = 0
		for j := range n {
			if j != t {
				diagonal[t] += pairs[j*n+t] * pairs[j*n+t]
			}
		}
	}
	q := func(t, j int) float64 {
		if t == j {
			return diagonal[t]
		}
		return -pairs[j*n+t] * pairs[t*n+j]
	}
	for range max(rounds, n) {
		pqp := 0.0
		for t := range n {
			qp[t] = 0
			for j := range n {
				qp[t] += q(t, j) * p[j]
			}
			pqp += p[t] * qp[t]
		}
		off := 0.0
		for t := range n {
			off = max(off, math.Abs(qp[t]-pqp))
		}
		if off < enough {
			return
		}
		for t := range n {
			step := (pqp - qp[t]) / diagonal[t]
			p[t] += step
			pqp = (pqp + step*(step*diagonal[t]+2*qp[t])) / (1 + step) / (1 + step)
			for j := range n {
				qp[j] = (qp[j] + step*q(t, j)) / (1 + step)
				p[j] /= 1 + step
			}
		}
	}
}
