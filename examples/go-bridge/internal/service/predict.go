package service

import (
	"errors"
	"math"
)

// figures describe an input.
type figures struct {
	Sum     float64 `json:"sum"`
	Count   int     `json:"count"`
	Average float64 `json:"average"`
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
}

// describe adds plainly, from left to right: where that is exact, the figures are those of exacta,
// else they may differ in the last digits, and a sum that leaves the range of binary64 on the way
// is refused though the whole may lie within it.
func describe(input []float64) (figures, error) {
	sum, low, high := 0.0, input[0], input[0]
	for _, value := range input {
		sum += value
		low, high = min(low, value), max(high, value)
	}
	if math.IsInf(sum, 0) {
		return figures{}, errors.New("the sum of input is beyond the range of binary64")
	}
	average := sum / float64(len(input))
	if average == 0 {
		average = 0 // a result that rounds to zero has no sign, unlike an element
	}
	return figures{Sum: sum, Count: len(input), Average: average, Min: low, Max: high}, nil
}
