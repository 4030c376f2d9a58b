package main_test

import (
	"path/filepath"
	"testing"
)

// A published night whose candidates were stored is published again with other weights, by its own parameters; pools of another depth,
// other settings of the stages before, and nights that stored no candidates, are refused.
func TestRescore(t *testing.T) {
	p := program{t, builtBinary(t), nil}
	dir, day := smallWorld(t, nil)
	lake := filepath.Join(t.TempDir(), "lake")
	p.must(nil, importArgs(dir, lake)...)
	p.must(nil, "nightly", "--lake", lake, "--date", day, "--seed", "3", "--set", "embed.dim=16", "--set", "recommend.candidates=true")
	p.must([]string{"run " + day + ".2 is published"}, "rescore", "--lake", lake, "--set", "recommend.weigh.popularity=0.3", "--set", "recommend.candidates=false")
	p.must([]string{day + ".2 is whole"}, "verify", "--lake", lake)
	p.refuses(1, []string{"recommend.rank.pool_depth is 45", "sought with 30"}, "rescore", "--lake", lake, "--run", day+".1", "--set", "recommend.rank.pool_depth=45")
	p.refuses(1, []string{"rescore run " + day + ".1", "leave out settings of those stages"}, "rescore", "--lake", lake, "--run", day+".1", "--set", "embed.dim=8")
	p.refuses(2, []string{day + ".2", "recommend.candidates=true"}, "rescore", "--lake", lake)
}
