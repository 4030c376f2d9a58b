package work

import (
	"strings"
	"testing"

	"segue/transforms/algo/simd"
)

// A worker whose kernels are not the planner's refuses to work and says what to set.
func TestWorkersHaveThePlannersKernels(t *testing.T) {
	p := place{Lake: "mem://" + t.Name(), Scratch: "mem://" + t.Name(), Tier: simd.Tier()}
	if _, err := p.env(t.Context()); err != nil {
		t.Error(err)
	}
	p.Tier = "other"
	if _, err := p.env(t.Context()); err == nil || !strings.Contains(err.Error(), simd.EnvTier+"=other") {
		t.Errorf("other kernels: %v", err)
	}
}
