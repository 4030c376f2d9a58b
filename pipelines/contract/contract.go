// Package contract writes down what an engine's saved state hangs on: the unique names of a graph's transforms, and the coders
// of what is kept between them. An engine that starts from a savepoint finds state by these names and reads it with these coders.
//
//	contract.go  Describe: graph → text
//	golden.go    Compare: text and the text kept in the repository, which changes with its version alone
package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/protobuf/proto"
)

// Describe returns a line a transform, by name: its kind, what it keeps, and the coders of what it gives. Composites are left out.
//
// Errors: a graph that cannot be built, two transforms of one name.
func Describe(p *beam.Pipeline) ([]string, error) {
	edges, _, err := p.Build()
	if err != nil {
		return nil, fmt.Errorf("build graph: %w", err)
	}
	model, err := graphx.Marshal(edges, &graphx.Options{Environment: &pipepb.Environment{}})
	if err != nil {
		return nil, fmt.Errorf("translate graph: %w", err)
	}
	d := describer{model.GetComponents()}
	lines := map[string]string{}
	for _, t := range d.GetTransforms() {
		if len(t.GetSubtransforms()) > 0 {
			continue
		}
		if name, _, twice := strings.Cut(t.GetUniqueName(), "'"); twice { // Beam numbers them by the order of the graph
			return nil, fmt.Errorf("two transforms have the name %s: give each a scope", name)
		}
		if lines[t.GetUniqueName()], err = d.transform(t); err != nil {
			return nil, err
		}
	}
	out := slices.Collect(maps.Values(lines))
	slices.Sort(out)
	return out, nil
}

// describer tells transforms and coders by what they refer to.
type describer struct{ *pipepb.Components }

func (d describer) transform(t *pipepb.PTransform) (string, error) {
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s %s", t.GetUniqueName(), kind(t.GetSpec().GetUrn()))
	if t.GetSpec().GetUrn() == graphx.URNParDo {
		if err := d.kept(b, t); err != nil {
			return "", err
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(t.GetOutputs())) {
		c := d.GetPcollections()[t.GetOutputs()[tag]]
		bounded := ""
		if c.GetIsBounded() == pipepb.IsBounded_UNBOUNDED {
			bounded = " unbounded"
		}
		fmt.Fprintf(b, " → %s%s", d.coder(c.GetCoderId()), bounded)
	}
	return b.String(), nil
}

// kept writes the state, timers and restriction of a ParDo.
func (d describer) kept(b *strings.Builder, t *pipepb.PTransform) error {
	var payload pipepb.ParDoPayload
	if err := proto.Unmarshal(t.GetSpec().GetPayload(), &payload); err != nil {
		return fmt.Errorf("read transform %s: %w", t.GetUniqueName(), err)
	}
	if id := payload.GetRestrictionCoderId(); id != "" {
		fmt.Fprintf(b, " restriction=%s", d.coder(id))
	}
	for _, name := range slices.Sorted(maps.Keys(payload.GetStateSpecs())) {
		fmt.Fprintf(b, " state %s=%s", name, d.state(payload.GetStateSpecs()[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(payload.GetTimerFamilySpecs())) {
		fmt.Fprintf(b, " timers %s", name)
	}
	return nil
}

func (d describer) state(s *pipepb.StateSpec) string {
	switch {
	case s.GetReadModifyWriteSpec() != nil:
		return "value " + d.coder(s.GetReadModifyWriteSpec().GetCoderId())
	case s.GetBagSpec() != nil:
		return "bag " + d.coder(s.GetBagSpec().GetElementCoderId())
	case s.GetCombiningSpec() != nil:
		return "combining " + d.coder(s.GetCombiningSpec().GetAccumulatorCoderId())
	}
	return "of a kind that not every engine has"
}

// coder names a coder and its parts; what a coder is told beside its parts counts as the head of its hash.
func (d describer) coder(id string) string {
	c := d.GetCoders()[id]
	out := kind(c.GetSpec().GetUrn())
	var parts []string
	for _, p := range c.GetComponentCoderIds() {
		parts = append(parts, d.coder(p))
	}
	if len(parts) > 0 {
		out += "<" + strings.Join(parts, ", ") + ">"
	}
	if p := c.GetSpec().GetPayload(); len(p) > 0 {
		sum := sha256.Sum256(p)
		out += "#" + hex.EncodeToString(sum[:4])
	}
	return out
}

// kind shortens an URN of Beam.
func kind(urn string) string {
	urn = strings.TrimSuffix(urn, ":v1")
	return urn[strings.LastIndex(urn, ":")+1:]
}
